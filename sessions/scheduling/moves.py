"""What organisers do to the draft: place, move, swap, unplace, pin.

Every verb locks the draft, so that moves of one event happen one after the other, and compares
what the organiser's page showed (``expected``, a :attr:`Placement.token`) with what is there.
Whoever comes second is told by :class:`Stale` or :class:`RoomTaken` what happened meanwhile. The
exclusion constraint is the last line of defence, for whatever writes without the lock.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, errors

from sessions.models import Event, LogEntry, Placement, Proposal, Room, Schedule, Slot
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
    "Move",
    "NoSlot",
    "NotAccepted",
    "Pinned",
    "Refused",
    "RoomTaken",
    "Stale",
    "lock_draft",
    "move",
    "pin",
    "place",
    "swap",
    "unpin",
    "unplace",
]

ROOM_FREE = "placement_room_free"


@dataclass(frozen=True, slots=True)
class Move:
    """Who moves, and when: handed through every step of one verb."""

    by: User
    now: dt.datetime


def place(
    proposal: Proposal, *, room: Room, starts_at: dt.datetime, by: User, now: dt.datetime
) -> Placement:
    """Put an unplaced session into the draft, from ``starts_at`` for its minutes.

    Raises :class:`Stale` if it has been placed meanwhile, :class:`NotAccepted`, :class:`NoSlot`
    and :class:`RoomTaken`.
    """
    doing = Move(by, now)
    with _moving(proposal.pitch.event) as draft:
        _expect(draft, proposal, expected="")
        if not Proposal.objects.schedulable().filter(pk=proposal.pk).exists():
            raise NotAccepted(proposal)
        during = _during(draft.event, starts_at, proposal.minutes)
        _refuse_if_taken(draft, room, during)
        placement = Placement(
            schedule=draft, proposal=proposal, room=room, during=during, moved_by=by, moved_at=now
        )
        placement.save()
        _log(placement, "placed", doing, before=None, after=_spot(placement))
    return placement


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
    with _moving(proposal.pitch.event) as draft:
        placement = _movable(draft, proposal, expected)
        during = _during(draft.event, starts_at, proposal.minutes)
        _refuse_if_taken(draft, room, during, besides=(placement,))
        _put(placement, room, during, doing=("moved", Move(by, now)))
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
    doing = Move(by, now)
    with _moving(proposal.pitch.event) as draft:
        second = _movable(draft, other, other_expected)
        if not expected:
            _unplace(second, doing)
            place(proposal, room=second.room, starts_at=second.during.lower, by=by, now=now)
            return
        first = _movable(draft, proposal, expected)
        both = (first, second)
        spots = [
            (second.room, _during(draft.event, second.during.lower, proposal.minutes)),
            (first.room, _during(draft.event, first.during.lower, other.minutes)),
        ]
        for room, during in spots:
            _refuse_if_taken(draft, room, during, besides=both)
        if _collide(*spots):
            raise RoomTaken(what_happened(other, second))
        for placement, (room, during) in zip(both, spots, strict=True):
            _put(placement, room, during, doing=("swapped", doing))


def unplace(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> None:
    """Take a session off the grid; it waits beside it. Raises :class:`Stale`, :class:`Pinned`."""
    with _moving(proposal.pitch.event) as draft:
        _unplace(_movable(draft, proposal, expected), Move(by, now))


def pin(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> Placement:
    """Hold a session where it is, against slips and the planner. Raises :class:`Stale`."""
    return _set_pinned(proposal, pinned=True, expected=expected, doing=Move(by, now))


def unpin(proposal: Proposal, *, expected: str, by: User, now: dt.datetime) -> Placement:
    """Raises :class:`Stale`."""
    return _set_pinned(proposal, pinned=False, expected=expected, doing=Move(by, now))


def lock_draft(event: Event) -> Schedule:
    """The draft of an event, made if there is none and locked until the transaction ends."""
    Schedule.objects.get_or_create(event=event, version=None)
    # No key is touched: placements may refer to the row while it is locked.
    return Schedule.objects.drafts().select_for_update(no_key=True).get(event=event)


@contextmanager
def _moving(event: Event) -> Iterator[Schedule]:
    try:
        with transaction.atomic():
            draft = lock_draft(event)
            draft.event = event
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


def _refuse_if_taken(
    draft: Schedule, room: Room, during: DateTimeTZRange, *, besides: tuple[Placement, ...] = ()
) -> None:
    if room.event_id != draft.event_id:
        raise NoSlot
    taken = (
        draft.placements.overlapping(room, during)
        .exclude(pk__in=[placement.pk for placement in besides])
        .select_related("room", "proposal__pitch__event", "moved_by__profile")
        .first()
    )
    if taken:
        raise RoomTaken(what_happened(taken.proposal, taken))


def _collide(one: tuple[Room, DateTimeTZRange], two: tuple[Room, DateTimeTZRange]) -> bool:
    (room, during), (other_room, other) = one, two
    return room == other_room and during.lower < other.upper and other.lower < during.upper


def _put(
    placement: Placement, room: Room, during: DateTimeTZRange, *, doing: tuple[str, Move]
) -> None:
    verb, who = doing
    before = _spot(placement)
    placement.room, placement.during = room, during
    _touch(placement, who)
    placement.save()
    _log(placement, verb, who, before=before, after=_spot(placement))


def _unplace(placement: Placement, doing: Move) -> None:
    _log(placement, "unplaced", doing, before=_spot(placement), after=None)
    placement.delete()


def _set_pinned(proposal: Proposal, *, pinned: bool, expected: str, doing: Move) -> Placement:
    with _moving(proposal.pitch.event) as draft:
        placement = _expect(draft, proposal, expected=expected)
        if placement is None:
            raise Stale(what_happened(proposal, None))
        if placement.pinned != pinned:
            placement.proposal, placement.pinned = proposal, pinned
            _touch(placement, doing)
            placement.save()
            spot = _spot(placement)
            _log(placement, "pinned" if pinned else "unpinned", doing, before=spot, after=spot)
    return placement


def _touch(placement: Placement, doing: Move) -> None:
    placement.revision += 1
    placement.moved_by, placement.moved_at = doing.by, doing.now


def _spot(placement: Placement) -> dict[str, Any]:
    """A place as the log keeps it: enough to say it in words and to go back to it."""
    return {
        "room": placement.room_id,
        "room_name": placement.room.name,
        "starts_at": placement.during.lower.isoformat(),
        "ends_at": placement.during.upper.isoformat(),
    }


def _log(
    placement: Placement,
    verb: str,
    doing: Move,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    LogEntry.objects.create(
        event_id=placement.schedule.event_id,
        actor=doing.by,
        action=LogEntry.Action.MOVED,
        pitch=placement.proposal.pitch,
        proposal=placement.proposal,
        details={"verb": verb, "before": before, "after": after},
        at=doing.now,
    )
