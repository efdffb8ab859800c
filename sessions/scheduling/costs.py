"""What a place would cost the session that is held, and a swap both of them. Pure.

Who is where at a time is the same for every room, so it is looked up once per span, not per cell.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar

from sessions.scheduling.grid import Grid, Person, Placed, Room, Session, Slot, Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """False if there is none.

    ``people`` want the session and something else at its time, ``seats`` are missing in the room.
    """

    people: int = 0
    seats: int = 0
    busy: tuple[Person, ...] = ()
    away: tuple[Person, ...] = ()
    features: tuple[str, ...] = ()
    over: tuple[Slot, ...] = ()

    def __bool__(self) -> bool:
        return self != FREE

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            people=self.people + other.people,
            seats=self.seats + other.seats,
            busy=_each_once(self.busy + other.busy),
            away=_each_once(self.away + other.away),
            features=_each_once(self.features + other.features),
            over=_each_once(self.over + other.over),
        )

    @property
    def hard(self) -> bool:
        """It could not be published like this."""
        plenary = any(slot.kind == "plenary" for slot in self.over)
        return bool(self.busy or self.away or self.features or plenary)


FREE = Cost()


class Costs:
    """The costs on one grid."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._placed: dict[Span, tuple[Placed, ...]] = {}
        self._times: dict[tuple[str, Span], Cost] = {}

    def of_place(self, session: Session, room: Room, starts_at: dt.datetime) -> Cost:
        span = _span(session, starts_at)
        key = session.code, span
        if key not in self._times:
            self._times[key] = self._of_time(session, span, besides={session.code})
        return self._times[key] + _of_room(session, room)

    def of_swap(self, session: Session, other: Placed) -> Cost:
        """What both lose; a session without a place pushes ``other`` out, which then loses all."""
        besides = {session.code, other.session.code}
        own = self.grid.places.get(session.code)
        there = Placed(session, other.room, _span(session, other.span.starts_at))
        if own is None:
            return self._of_one(there, besides=besides)
        here = Placed(other.session, own.room, _span(other.session, own.span.starts_at))
        both = self._of_one(there, besides=besides) + self._of_one(here, besides=besides)
        if here.span.overlaps(there.span):
            both += _of_company(session, (here,))
        return both

    def away(self, session: Session, span: Span) -> tuple[Person, ...]:
        """The hosts who cannot come then."""
        return tuple(
            host
            for host in session.hosts
            if any(
                absence.person_id == host.id and absence.span.overlaps(span)
                for absence in self.grid.absences
            )
        )

    def _of_one(self, place: Placed, *, besides: set[str]) -> Cost:
        of_time = self._of_time(place.session, place.span, besides=besides)
        return of_time + _of_room(place.session, place.room)

    def _of_time(self, session: Session, span: Span, *, besides: set[str]) -> Cost:
        others = tuple(
            place for place in self._placed_during(span) if place.session.code not in besides
        )
        over = (slot for slot in self.grid.slots if not slot.takes_sessions)
        return _of_company(session, others) + Cost(
            away=self.away(session, span),
            over=tuple(slot for slot in over if slot.span.overlaps(span)),
        )

    def _placed_during(self, span: Span) -> tuple[Placed, ...]:
        if span not in self._placed:
            self._placed[span] = tuple(
                place for place in self.grid.placed if place.span.overlaps(span)
            )
        return self._placed[span]


def _span(session: Session, starts_at: dt.datetime) -> Span:
    return Span(starts_at, starts_at + dt.timedelta(minutes=session.minutes))


def _of_company(session: Session, others: tuple[Placed, ...]) -> Cost:
    """Of taking place at the same time as ``others``; who wants several of them counts once."""
    wanted = {person for place in others for person in place.session.interested}
    leading = {host for place in others for host in place.session.hosts}
    return Cost(
        people=len(session.interested & wanted),
        busy=tuple(host for host in session.hosts if host in leading),
    )


def _of_room(session: Session, room: Room) -> Cost:
    missing = session.interest - room.capacity if room.capacity is not None else 0
    return Cost(seats=max(0, missing), features=room.lacks(session))


def _each_once(things: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
