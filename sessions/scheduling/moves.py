"""What organisers do to the draft: place, move, swap, unplace, pin. Every move is a row (Move).

Every verb locks the draft, so that moves of one event happen one after the other, and compares
what the organiser's page showed (``expected``, a :attr:`Placement.token`) with what is there.
Whoever comes second is told by :class:`Stale` or :class:`RoomTaken` what happened meanwhile. The
exclusion constraint is the last line of defence, for whatever writes without the lock.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, errors

from sessions.models import Event, Move, Placement, Proposal, Room, Schedule, Slot
from sessions.models.move import spot
from sessions.scheduling import live
from sessions.scheduling.drafts import lock_draft
from sessions.scheduling.live import WouldClash
from sessions.scheduling.refusals import (
    NoSlot,
    NotAccepted,
    Pinned,
    Refused,
    RoomTaken,
    Stale,
    what_happened,
)
from speakers.models import User

__all__ = [
    "Doing",
    "NoSlot",
    "NotAccepted",
    "Pinned",
    "Refused",
    "RoomTaken",
    "Spot",
    "Stale",
    "WouldClash",
    "lock_draft",
    "move",
    "moving",
    "pin",
    "place",
    "put",
    "put_up",
    "refuse_if_taken",
    "swap",
    "take_off",
    "unpin",
    "unplace",
]

ROOM_FREE = "placement_room_free"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who moves, and when: handed through every step of one action."""

    by: User
    now: dt.datetime
    step: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Spot:
    """A room and a half-open time."""

    room: Room
    during: DateTimeTZRange
    pinned: bool = False

    def collides(self, other: "Spot") -> bool:
        return (
            self.room == other.room
            and self.during.lower < other.during.upper
            and other.during.lower < self.during.upper
        )


def place(
    proposal: Proposal, *, room: Room, starts_at: dt.datetime, by: User, now: dt.datetime
) -> Placement:
    """Put an unplaced session into the draft, from ``starts_at`` for its minutes.

    Raises :class:`Stale` if it has been placed meanwhile, :class:`NotAccepted`, :class:`NoSlot`
    and :class:`RoomTaken`.
    """
    with moving(proposal.pitch.event) as draft:
        during = _during(draft.event, starts_at, proposal.minutes)
        return put_up(
            draft, proposal, Spot(room, during), doing=Doing(by, now), kind=Move.Kind.PLACED
        )


def move(
    proposal: Proposal,
    *,
    room: Room,
    starts_at: dt.datetime,
    expected: str,
    by: User,
    now: dt.datetime,
) -> Placement:
    """Put a placed session elsewhere; it takes its present minutes along.

    Raises :class:`Stale`, :class:`Pinned`, :class:`NoSlot` and :class:`RoomTaken`.
    """
    with moving(proposal.pitch.event) as draft:
        placement = _movable(draft, proposal, expected)
        during = _during(draft.event, starts_at, proposal.minutes)
        refuse_if_taken(draft, Spot(room, during), besides=(placement,))
        put(placement, Spot(room, during), doing=Doing(by, now), kind=Move.Kind.MOVED)
    return placement


def swap(
    proposal: Proposal,
    other: Proposal,
    *,
    expected: str,
    other_expected: str,
    by: User,
    now: dt.datetime,
) -> None:
    """Let two sessions change places; an unplaced ``proposal`` pushes ``other`` out.

    Each begins where the other began and keeps its own length. Raises as :func:`move` does.
    """
    doing = Doing(by, now)
    with moving(proposal.pitch.event) as draft:
        second = _movable(draft, other, other_expected)
        if not expected:
            take_off(second, doing=doing, kind=Move.Kind.SWAPPED)
            during = _during(draft.event, second.during.lower, proposal.minutes)
            to = Spot(second.room, during)
            put_up(draft, proposal, to, doing=doing, kind=Move.Kind.SWAPPED)
            return
        first = _movable(draft, proposal, expected)
        both = (first, second)
        spots = (
            Spot(second.room, _during(draft.event, second.during.lower, proposal.minutes)),
            Spot(first.room, _during(draft.event, first.during.lower, other.minutes)),
        )
        for to in spots:
            refuse_if_taken(draft, to, besides=both)
        if spots[0].collides(spots[1]):
            raise RoomTaken(what_happened(other, second))
        for placement, to in zip(both, spots, strict=True):
            put(placement, to, doing=doing, kind=Move.Kind.SWAPPED)


def unplace(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> None:
    """Take a session off the grid; it waits beside it. Raises :class:`Stale`, :class:`Pinned`."""
    with moving(proposal.pitch.event) as draft:
        placement = _movable(draft, proposal, expected)
        take_off(placement, doing=Doing(by, now), kind=Move.Kind.UNPLACED)


def pin(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> Placement:
    """Hold a session where it is, against slips and the planner. Raises :class:`Stale`."""
    return _set_pinned(proposal, pinned=True, expected=expected, doing=Doing(by, now))


def unpin(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> Placement:
    """Raises :class:`Stale`."""
    return _set_pinned(proposal, pinned=False, expected=expected, doing=Doing(by, now))


@contextmanager
def moving(event: Event, *, knowingly: bool = False, changelog: str = "") -> Iterator[Schedule]:
    """Hold the draft while it is changed; in live mode the change is public when this ends.

    ``knowingly`` and ``changelog`` are for live mode, see :func:`live.following`, which raises
    :class:`WouldClash`. Raises :class:`RoomTaken`.
    """
    try:
        with transaction.atomic():
            draft = lock_draft(event)
            with live.following(draft, knowingly=knowingly, changelog=changelog):
                yield draft
    except IntegrityError as error:
        # Deferred: it is raised at the commit, which is the end of the block above.
        cause = error.__cause__
        if isinstance(cause, errors.ExclusionViolation) and ROOM_FREE in str(cause):
            raise RoomTaken from error
        raise


def _expect(draft: Schedule, proposal: Proposal, *, expected: str) -> Placement | None:
    placement = (
        draft.placements.filter(proposal=proposal)
        .select_related("room", "moved_by__profile")
        .first()
    )
    if (placement.token if placement else "") != expected:
        raise Stale(what_happened(proposal, placement))
    return placement


def _movable(draft: Schedule, proposal: Proposal, expected: str) -> Placement:
    placement = _expect(draft, proposal, expected=expected)
    if placement is None:
        raise Stale(what_happened(proposal, None))
    if placement.pinned:
        raise Pinned(proposal)
    placement.proposal = proposal
    return placement


def _during(event: Event, starts_at: dt.datetime, minutes: int) -> DateTimeTZRange:
    """The session's time. It begins in a slot for sessions, where it ends is free."""
    if not event.slots.filter(
        kind=Slot.Kind.SESSIONS, starts_at__lte=starts_at, ends_at__gt=starts_at
    ).exists():
        raise NoSlot
    return DateTimeTZRange(starts_at, starts_at + dt.timedelta(minutes=minutes), "[)")


def refuse_if_taken(draft: Schedule, to: Spot, *, besides: tuple[Placement, ...] = ()) -> None:
    """Raises :class:`RoomTaken`, and :class:`NoSlot` for a room of another event."""
    if to.room.event_id != draft.event_id:
        raise NoSlot
    taken = (
        draft.placements.overlapping(to.room, to.during)
        .exclude(pk__in=[placement.pk for placement in besides])
        .select_related("room", "proposal__pitch__event", "moved_by__profile")
        .first()
    )
    if taken:
        raise RoomTaken(what_happened(taken.proposal, taken))


def put_up(
    draft: Schedule, proposal: Proposal, to: Spot, *, doing: Doing, kind: Move.Kind
) -> Placement:
    """Place what is beside the grid; the caller holds the draft's lock.

    Raises :class:`Stale`, :class:`NotAccepted`, :class:`RoomTaken`.
    """
    _expect(draft, proposal, expected="")
    if not Proposal.objects.schedulable().filter(pk=proposal.pk).exists():
        raise NotAccepted(proposal)
    refuse_if_taken(draft, to)
    placement = Placement(
        schedule=draft,
        proposal=proposal,
        room=to.room,
        during=to.during,
        pinned=to.pinned,
        moved_by=doing.by,
        moved_at=doing.now,
    )
    placement.save()
    _keep(placement, kind, doing, before=None, after=spot(placement))
    return placement


def put(placement: Placement, to: Spot, *, doing: Doing, kind: Move.Kind) -> None:
    """Bring a placed session to another place; the caller has asked whether it is free."""
    before = spot(placement)
    placement.room, placement.during, placement.pinned = to.room, to.during, to.pinned
    placement.revision += 1
    placement.moved_by, placement.moved_at = doing.by, doing.now
    placement.save()
    _keep(placement, kind, doing, before=before, after=spot(placement))


def take_off(placement: Placement, *, doing: Doing, kind: Move.Kind) -> None:
    _keep(placement, kind, doing, before=spot(placement), after=None)
    placement.delete()


def _set_pinned(proposal: Proposal, *, pinned: bool, expected: str, doing: Doing) -> Placement:
    with moving(proposal.pitch.event) as draft:
        placement = _expect(draft, proposal, expected=expected)
        if placement is None:
            raise Stale(what_happened(proposal, None))
        if placement.pinned != pinned:
            placement.proposal = proposal
            to = Spot(placement.room, placement.during, pinned)
            kind = Move.Kind.PINNED if pinned else Move.Kind.UNPINNED
            put(placement, to, doing=doing, kind=kind)
    return placement


def _keep(
    placement: Placement,
    kind: Move.Kind,
    doing: Doing,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    Move.objects.create(
        event_id=placement.schedule.event_id,
        proposal_id=placement.proposal_id,
        by=doing.by,
        at=doing.now,
        kind=kind,
        step=doing.step,
        before=before,
        after=after,
    )
