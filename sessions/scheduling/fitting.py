"""Which of a plan's shifts the draft still allows, and what it looks like after them. Pure."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sessions.scheduling.changes import Spot
from sessions.scheduling.grid import Grid, Placed, Span
from sessions.scheduling.plans import Shift, same, spot_of


class Why(StrEnum):
    """Why a shift cannot be taken over (any more); the wording is the page's."""

    DONE = "done"
    GONE = "gone"
    CHANGED = "changed"
    LENGTH = "length"
    PINNED = "pinned"
    NO_PLACE = "no_place"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Refusal:
    """``present`` is where the session is now, ``by`` the title of what stands in its way."""

    shift: Shift
    why: Why
    present: Spot | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Shifts that can be done together, and the others."""

    fit: tuple[Shift, ...]
    refused: tuple[Refusal, ...]

    @property
    def done(self) -> tuple[Refusal, ...]:
        return tuple(one for one in self.refused if one.why is Why.DONE)

    @property
    def left_out(self) -> tuple[Refusal, ...]:
        return tuple(one for one in self.refused if one.why is not Why.DONE)


def sort_out(grid: Grid, shifts: Collection[Shift]) -> Sorted:
    """Which of the shifts the draft allows as it is; what the refused ones occupy stays taken."""
    refused = {}
    for shift in shifts:
        if refusal := _refusal(grid, shift):
            refused[shift.code] = refusal
    fit = {shift.code: shift for shift in shifts if shift.code not in refused}
    while collision := next(_collisions(grid, fit), None):
        refused[collision.shift.code] = collision
        del fit[collision.shift.code]
    return Sorted(tuple(fit.values()), tuple(refused.values()))


def _refusal(grid: Grid, shift: Shift) -> Refusal | None:
    session, place = grid.sessions.get(shift.code), grid.places.get(shift.code)
    present, after = spot_of(place) if place else None, shift.after
    why = None
    if same(present, after):
        why = Why.DONE
    elif session is None or not session.is_schedulable:
        why = Why.GONE
    elif not same(present, shift.before):
        why = Why.CHANGED
    elif place and place.pinned:
        why = Why.PINNED
    elif after and after.ends_at - after.starts_at != dt.timedelta(minutes=session.minutes):
        why = Why.LENGTH
    elif after and not _exists(grid, after):
        why = Why.NO_PLACE
    return Refusal(shift, why, present) if why else None


def _exists(grid: Grid, spot: Spot) -> bool:
    return any(room.id == spot.room_id for room in grid.rooms) and any(
        slot.takes_sessions and slot.span.contains(spot.starts_at) for slot in grid.slots
    )


def _collisions(grid: Grid, fit: Mapping[str, Shift]) -> Iterator[Refusal]:
    staying = [place for place in grid.placed if place.session.code not in fit]
    for shift in fit.values():
        after = shift.after
        for place in staying:
            if (
                after
                and place.room.id == after.room_id
                and place.span.overlaps(Span(after.starts_at, after.ends_at))
            ):
                present = grid.places.get(shift.code)
                spot = spot_of(present) if present else None
                yield Refusal(shift, Why.TAKEN, spot, by=place.session.title)


def applied(grid: Grid, shifts: Collection[Shift]) -> Grid:
    """The grid after these shifts, which :func:`sort_out` found to fit."""
    rooms = {room.id: room for room in grid.rooms}
    going = {shift.code: shift.after for shift in shifts}
    placed = [place for place in grid.placed if place.session.code not in going]
    unplaced = [session for session in grid.unplaced if session.code not in going]
    for code, after in going.items():
        session = grid.sessions[code]
        if after:
            span = Span(after.starts_at, after.ends_at)
            placed.append(Placed(session, rooms[after.room_id], span))
        else:
            unplaced.append(session)
    return replace(
        grid,
        placed=tuple(sorted(placed, key=lambda place: (place.span.starts_at, place.session.id))),
        unplaced=tuple(unplaced),
    )
