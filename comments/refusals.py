"""Why a text was not taken. ``str()`` is fit to be shown; ``reason`` is what the desk counts."""

from django.utils.translation import gettext_lazy as _

from comments.models import Filter


class Refused(Exception):
    reason: Filter | None = None
    message = _("This pitch takes no comments now.")

    def __str__(self) -> str:
        return str(self.message)


class Closed(Refused):
    """The pitch is not public, the event takes no comments, or moderators closed the thread."""

    reason = Filter.CLOSED


class Archived(Closed):
    message = _("The event is over, and its discussions are closed.")


class MembersOnly(Closed):
    message = _("Only people with an account can comment here.")


class ThreadClosed(Closed):
    message = _("The moderators have closed this discussion.")


class Banned(Closed):
    reason = Filter.BANNED
    message = _("The moderators have shut you out of the discussions of this event.")


class Trapped(Refused):
    reason = Filter.HONEYPOT
    message = _("A hidden field was filled in. It is empty now; please send again.")


class TooQuick(Refused):
    reason = Filter.TIMESTAMP
    message = _("That was very quick, as programs are. Your text is still here; send it again.")


class FormExpired(Refused):
    """The stamp of the form is too old, missing or not ours; a new one goes out with the answer."""

    reason = Filter.TIMESTAMP
    message = _("This form was open for too long. Your text is still here; send it again.")


class ParentGone(Refused):
    message = _(
        "The comment that you answer is gone. Send your text again as a comment of its own."
    )


class TooLate(Refused):
    message = _("A comment can be changed for 15 minutes. This one is older.")


class Gone(Refused):
    """Deleted or hidden meanwhile."""

    message = _("This comment is not here any more.")
