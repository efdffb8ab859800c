"""The mails of an event: what waits, what is gone, what failed, and sending that once more."""

from django.db import transaction
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


@transaction.atomic
def retry(entry: OutboxEntry) -> None:
    """Put a failed mail back into the queue. Raises :class:`NotFailed`."""
    row = Email.objects.select_for_update().filter(pk=entry.email_id).first()
    if row is None or row.status != STATUS.failed:
        raise NotFailed
    row.status, row.number_of_retries, row.scheduled_time = STATUS.queued, 0, None
    row.save(update_fields=["status", "number_of_retries", "scheduled_time", "last_updated"])
