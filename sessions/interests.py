"""“I'm interested”: idempotent facts of an account or a browser, never a toggle."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sessions.models import Event, Host, Interest, Proposal
from speakers.models import User


class OwnProposal(Exception):
    """Hosts come anyway."""

    def __str__(self) -> str:
        return str(_("This is your own session; you are there anyway."))


def add(proposal: Proposal, *, user: User | None = None, visitor: uuid.UUID | None = None) -> None:
    """Note that an account, or else a browser, wants to come. Raises :class:`OwnProposal`."""
    if user is not None:
        if Host.objects.filter(pitch=proposal.pitch_id, person=user).exists():
            raise OwnProposal
        visitor = None
    Interest.objects.bulk_create(
        [Interest(proposal=proposal, user=user, visitor=visitor)], ignore_conflicts=True
    )


def remove(
    proposal: Proposal, *, user: User | None = None, visitor: uuid.UUID | None = None
) -> None:
    if user is not None:
        proposal.interests.filter(user=user).delete()
    elif visitor is not None:
        proposal.interests.filter(visitor=visitor).delete()


def of(*, user: User | None = None, visitor: uuid.UUID | None = None) -> set[int]:
    """Ids of the proposals that somebody wants to come to; one query."""
    if user is not None:
        rows = Interest.objects.filter(user=user)
    elif visitor is not None:
        rows = Interest.objects.filter(visitor=visitor)
    else:
        return set()
    return set(rows.values_list("proposal_id", flat=True))


@transaction.atomic
def pass_on(visitor: uuid.UUID, *, to: User) -> None:
    """Give a browser's interests to the account that logged in with it, each once."""
    rows = Interest.objects.select_for_update().filter(visitor=visitor)
    own = Host.objects.filter(person=to).values("pitch")
    Interest.objects.bulk_create(
        [
            Interest(proposal_id=row.proposal_id, user=to, created_at=row.created_at)
            for row in rows.exclude(proposal__pitch__in=own)
        ],
        ignore_conflicts=True,
    )
    rows.delete()


@dataclass(frozen=True)
class Mark:
    """How one session stands with one reader. ``count`` is None where the event hides it."""

    interested: bool
    count: int | None
    closed: bool  # one's own, or over: the number stands there without a button


@dataclass(frozen=True)
class Marks:
    """What a reader marked, and what an event shows of it; made by :func:`marks`."""

    user: User | None
    wanted: frozenset[int]
    are_counted: bool
    are_taken: bool

    def of(self, proposal: Proposal) -> Mark:
        """Needs ``interest_count`` and the pitch's hosts loaded; asks nothing."""
        own = self.user is not None and any(
            host.person_id == self.user.pk for host in proposal.pitch.hosts.all()
        )
        return Mark(
            interested=proposal.pk in self.wanted,
            count=proposal.interest_count if self.are_counted else None,
            closed=own or not self.are_taken or proposal.state in Proposal.GONE,
        )


def marks(
    event: Event, *, now: dt.datetime, user: User | None = None, visitor: uuid.UUID | None = None
) -> Marks:
    """One query for whoever is known, none for everybody else."""
    return Marks(
        user=user,
        wanted=frozenset(of(user=user, visitor=visitor)),
        are_counted=event.shows_interest_counts(now),
        are_taken=event.takes_interest(now),
    )
