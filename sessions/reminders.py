"""One reminder to the hosts who have not answered whether they will be there."""

import datetime as dt

from django.db import transaction

from sessions import confirming, outbox
from sessions.mail_templates import Kind
from sessions.models import ConfirmationRequest


def send_due(now: dt.datetime) -> None:
    """One query when nobody is to be reminded. Any number of workers may call it at once."""
    for pk in ConfirmationRequest.objects.due(now).order_by("pk").values_list("pk", flat=True):
        _remind(pk, now)


@transaction.atomic
def _remind(pk: int, now: dt.datetime) -> None:
    """The mails and the mark that they are written are one transaction, under the row's lock."""
    rows = ConfirmationRequest.objects.select_for_update(of=("self",), skip_locked=True)
    request = rows.due(now).select_related("proposal__pitch__event").filter(pk=pk).first()
    if request is None:
        return
    request.remind_at = None
    if confirming.is_open(request.proposal, event=request.proposal.pitch.event, now=now):
        request.reminded_at = now
        outbox.tell_hosts(request.proposal, Kind.REMINDER, kind=outbox.Kind.REMINDER)
    request.save(update_fields=["remind_at", "reminded_at"])
