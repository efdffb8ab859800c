"""“Will you be there?”: the question to the hosts of an accepted session, and one reminder.

The answer is a decision of the host (:mod:`sessions.decisions`), given behind a link that names
session and host by signed numbers; neither an address nor a name stands in it. It is in the mail,
and for whoever is logged in on the pages of their own pitches.
"""

import datetime as dt
import re

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from sessions.models import ConfirmationRequest, Event, Host, Pitch, Proposal
from speakers.models import User

IDS = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


class Unreadable(Exception):
    """No link of ours, or one to a session that this person does not lead any more."""


def link(proposal: Proposal, person: User) -> str:
    return settings.SITE_URL + path(proposal, person)


def path(proposal: Proposal, person: User) -> str:
    return reverse("program:confirm", args=[token(proposal, person)])


def token(proposal: Proposal, person: User) -> str:
    return _signer().sign(f"{proposal.pk}-{person.pk}")


def read(token: str) -> tuple[Proposal, User]:
    """The session, with pitch and event, and the host who was asked. Raises :class:`Unreadable`."""
    try:
        found = IDS.fullmatch(_signer().unsign(token))
    except BadSignature as error:
        raise Unreadable from error
    if found is None:
        raise Unreadable
    proposal_id, person_id = (int(number) for number in found.groups())
    host = (
        Host.objects.accepted()
        .filter(person=person_id, person__is_active=True, pitch__proposals=proposal_id)
        .select_related("person__profile")
        .first()
    )
    proposal = Proposal.objects.public().with_pitch().filter(pk=proposal_id).first()
    if proposal is None or host is None:
        raise Unreadable
    return proposal, host.person


def is_open(proposal: Proposal, *, event: Event, now: dt.datetime) -> bool:
    """Whether its hosts still owe an answer; needs the pitch loaded."""
    waits = proposal.state == Proposal.State.ACCEPTED
    waits = waits and proposal.pitch.state == Pitch.State.PUBLIC
    return waits and event.asks_confirmation and not event.is_over(now)


def ask(proposal: Proposal) -> None:
    """Note that the hosts are being asked, anew if they were before; needs the event loaded."""
    request = ConfirmationRequest(proposal=proposal)
    if days := proposal.pitch.event.confirm_reminder_days:
        request.remind_at = request.asked_at + dt.timedelta(days=days)
    ConfirmationRequest.objects.filter(proposal=proposal).delete()
    request.save()


def _signer() -> Signer:
    return Signer(salt="stellwand.attend", sep=".")
