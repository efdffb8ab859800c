"""What several lists of the desk show the same way."""

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from sessions.models import Pitch, Proposal


def named(label: str, value) -> SafeString:
    """A value whose column has no heading on a phone: there its name stands beside it."""
    return format_html('<span class="narrow-only quiet">{}: </span>{}', label, value)


def hosts(pitch: Pitch) -> str:
    """Needs ``with_hosts()``."""
    return ", ".join(host.person.profile.name for host in pitch.hosts.all())


def shape(proposal: Proposal) -> SafeString:
    return render_to_string("admin/cells/shape.html", {"proposal": proposal})


def ripeness(proposal: Proposal) -> SafeString:
    context = {"ripeness": proposal.ripeness, "label": proposal.get_ripeness_display()}
    return render_to_string("includes/ripeness.html", context)


def state(proposal: Proposal) -> SafeString:
    """The state, and the decision that only organisers know of."""
    return render_to_string("admin/cells/state.html", {"proposal": proposal})


def person(user) -> str:
    """The name that others see; needs the profile joined."""
    return str(getattr(user, "profile", user) or "–")


def day(moment) -> str:
    """Date and time where the desk's clock is, "–" for never."""
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"
