"""The mails of an event: what waits, what is gone, what failed, and sending that once more."""

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Email

from config.lib import mail
from sessions.mail_templates import Text, Texts
from sessions.models import Event, Host, OutboxEntry, Proposal
from speakers.models import User

Kind = OutboxEntry.Kind


class NotFailed(Exception):
    """Only what failed is sent again; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("This mail is sent or on its way; it is not sent twice."))


def tell_hosts(proposal: Proposal, template: str, *, kind: str) -> None:
    """Mail every host in the words of the event; needs the event loaded.

    Who has not proved an address gets no mail.
    """
    event = proposal.pitch.event
    texts = Texts(event)
    leading = Host.objects.accepted().filter(pitch=proposal.pitch_id).values("person")
    people = User.objects.reachable().with_profile().filter(pk__in=leading)
    for person in people.order_by("pk"):
        send(event, texts.to(person, proposal, template), to=person.email, kind=kind)


def send(event: Event, text: Text, *, to: str, kind: str) -> Email:
    """Queue a mail of ``event``, in the caller's transaction."""
    return keep(event, mail.queue(to=to, subject=text.subject, body=text.body), kind=kind)


def keep(event: Event, email: Email, *, kind: str) -> Email:
    """Show a queued mail in the outbox of ``event``."""
    OutboxEntry.objects.create(event=event, email=email, kind=kind)
    return email


def retry(entry: OutboxEntry) -> None:
    """Put a failed mail back into the queue. Raises :class:`NotFailed`."""
    if not _queue_again(Email.objects.filter(pk=entry.email_id)):
        raise NotFailed


def retry_all(event: Event) -> int:
    """Put all that failed back into the queue; returns how many mails that were."""
    return _queue_again(Email.objects.filter(pk__in=event.outbox.failed().values("email")))


def _queue_again(emails: QuerySet[Email]) -> int:
    """Of two who press at once the second one finds nothing that failed."""
    return emails.filter(status=STATUS.failed).update(
        status=STATUS.queued, number_of_retries=0, scheduled_time=None, last_updated=Now()
    )
