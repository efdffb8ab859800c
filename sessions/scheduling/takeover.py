"""Take a plan over into the draft, wholly or in part, as one step that one undo takes back."""

import datetime as dt
from collections.abc import Collection

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from sessions.models import Event, Move, Proposal, Room, Schedule
from sessions.scheduling import grid
from sessions.scheduling.changes import Spot as Kept
from sessions.scheduling.fitting import Sorted, sort_out
from sessions.scheduling.moves import Doing, Spot, moving, put, put_up, take_off
from sessions.scheduling.plans import Shift
from speakers.models import User

PLANNED = Move.Kind.PLANNED


def take_over(event: Event, shifts: Collection[Shift], *, by: User, now: dt.datetime) -> Sorted:
    """Do those of the shifts that the draft still allows, and say which and why not the others.

    Under the draft's lock, so that whoever presses twice finds everything done. Raises
    :class:`moves.Refused` if somebody wrote without the lock; then nothing was done.
    """
    with moving(event) as draft:
        outcome = sort_out(grid.load(event), shifts)
        if outcome.fit:
            _carry_out(draft, outcome.fit, Doing(by, now))
    return outcome


def _carry_out(draft: Schedule, shifts: Collection[Shift], doing: Doing) -> None:
    """Off, round and on, so that nothing stands in the way of another of the same plan."""
    rooms = {room.pk: room for room in draft.event.rooms.all()}
    codes = [shift.code for shift in shifts]
    placements = {
        placement.proposal.code: placement
        for placement in draft.placements.filter(proposal__code__in=codes).select_related(
            "room", "proposal"
        )
    }
    new = [code for code in codes if code not in placements]
    proposals = {
        proposal.code: proposal
        for proposal in Proposal.objects.of_event(draft.event).with_pitch().filter(code__in=new)
    }
    for shift in shifts:
        if shift.after is None:
            take_off(placements[shift.code], doing=doing, kind=PLANNED)
    for shift in shifts:
        if shift.after and shift.code in placements:
            to = _spot(shift.after, rooms)
            put(placements[shift.code], to, doing=doing, kind=PLANNED)
    for shift in shifts:
        if shift.after and shift.code not in placements:
            to = _spot(shift.after, rooms)
            put_up(draft, proposals[shift.code], to, doing=doing, kind=PLANNED)


def _spot(kept: Kept, rooms: dict[int, Room]) -> Spot:
    return Spot(rooms[kept.room_id], DateTimeTZRange(kept.starts_at, kept.ends_at, "[)"))
