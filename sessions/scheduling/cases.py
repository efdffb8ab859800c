"""The draft of an event as the planner's case: what may move, what stays, who wants what. Pure."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sessions.scheduling import solver
from sessions.scheduling.changes import Spot
from sessions.scheduling.grid import Grid, Placed, Session, Slot

# What a wish counts that a browser without an account left: it may be the same person's twice,
# and nobody can be asked whether they still come.
VISITOR_WEIGHT = 0.5
# Slots with no more than this between them follow each other: it is the time to change rooms, and
# a session longer than a slot runs through it. A break is a slot of its own and ends a chain.
CHANGEOVER = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Case:
    """What is planned. ``improve``: what is placed may move, too, unless it is held.

    Held are the pinned, those of the ``published`` programme (by proposal id, see
    :func:`changes.spots`) and those that cannot take place. What is held or placed outside the
    slots keeps its room, its hosts and its guests by a slot of its own that takes nothing else.
    Slots that began before ``since`` take nothing new.
    """

    grid: Grid
    improve: bool = False
    published: Mapping[int, Spot] | None = None
    since: dt.datetime | None = None

    def is_held(self, place: Placed) -> bool:
        session = place.session
        is_published = session.id in (self.published or ())
        return not self.improve or place.pinned or is_published or not session.is_schedulable

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.grid.slots if slot.takes_sessions)

    @cached_property
    def present(self) -> Mapping[solver.Id, solver.Place]:
        """Where everything placed is now."""
        return {
            place.session.code: solver.Place(place.room.id, self._slot_of(place))
            for place in self.grid.placed
        }

    @cached_property
    def instance(self) -> solver.Instance:
        sessions = sorted(self.grid.sessions.values(), key=lambda session: session.id)
        return solver.Instance(
            sessions=tuple(self._session(session) for session in sessions),
            rooms=tuple(
                solver.Room(room.id, room.capacity, room.features) for room in self.grid.rooms
            ),
            slots=self._planned_slots,
            people=self._people,
            unavailable=self._unavailable,
            pinned={
                place.session.code: self.present[place.session.code]
                for place in self.grid.placed
                if self.is_held(place)
            },
            chains=tuple(self._chains()),
            published=dict(self._published_places()),
        )

    def minutes_of(self, session: Session) -> int:
        """What is held keeps the time that it has; all else takes its present minutes."""
        place = self.grid.places.get(session.code)
        if place and self.is_held(place):
            return _minutes(place.span.ends_at - place.span.starts_at)
        return session.minutes

    def _session(self, session: Session) -> solver.Session:
        """What cannot take place keeps its room, but neither hosts nor guests."""
        takes_place = session.is_schedulable
        return solver.Session(
            id=session.code,
            minutes=self.minutes_of(session),
            hosts=tuple(host.id for host in session.hosts) if takes_place else (),
            needs=frozenset(need.casefold() for need in session.features),
            format=session.format if takes_place else "",
        )

    @cached_property
    def _people(self) -> tuple[solver.Person, ...]:
        """Whoever wants something, with what they lead themselves."""
        wants: dict[int | uuid.UUID, set[str]] = defaultdict(set)
        leads: dict[int | uuid.UUID, set[str]] = defaultdict(set)
        for session in self.grid.sessions.values():
            if session.is_schedulable:
                for who in session.interested:
                    wants[who].add(session.code)
                for host in session.hosts:
                    leads[host.id].add(session.code)
        return tuple(
            solver.Person(
                who,
                frozenset(wants[who]),
                weight=1.0 if isinstance(who, int) else VISITOR_WEIGHT,
                leads=frozenset(leads.get(who, ())),
            )
            for who in sorted(wants, key=str)
        )

    @cached_property
    def _divided(self) -> frozenset[int]:
        """Slots in which something begins later than they do."""
        return frozenset(
            slot.id
            for slot in self.slots
            for place in self.grid.placed
            if slot.span.contains(place.span.starts_at)
            and place.span.starts_at != slot.span.starts_at
        )

    def _slot_of(self, place: Placed) -> int | str:
        """The slot at whose start it begins; else, or if that is divided, one of its own."""
        touched = [slot for slot in self.slots if slot.span.overlaps(place.span)]
        if (
            touched
            and touched[0].span.starts_at == place.span.starts_at
            and not any(slot.id in self._divided for slot in touched)
        ):
            return touched[0].id
        return f"of {place.session.code}"

    @cached_property
    def _planned_slots(self) -> tuple[solver.Slot, ...]:
        regular = [
            solver.Slot(
                slot.id,
                slot.span.starts_at,
                _minutes(slot.span.ends_at - slot.span.starts_at),
                is_open=self.since is None or slot.span.starts_at >= self.since,
            )
            for slot in self.slots
        ]
        own = [
            solver.Slot(
                self.present[place.session.code].slot,
                place.span.starts_at,
                _minutes(place.span.ends_at - place.span.starts_at),
                is_open=False,
            )
            for place in self.grid.placed
            if isinstance(self.present[place.session.code].slot, str)
        ]
        return (*regular, *own)

    @cached_property
    def _unavailable(self) -> dict[solver.Id, frozenset[solver.Id]]:
        away: dict[solver.Id, set[solver.Id]] = defaultdict(set)
        for absence in self.grid.absences:
            for slot in self.slots:
                if slot.span.overlaps(absence.span):
                    away[absence.person_id].add(slot.id)
        return {person: frozenset(slots) for person, slots in away.items()}

    def _chains(self) -> Iterator[tuple[int, ...]]:
        chain: list[Slot] = []
        for slot in self.grid.slots:
            if chain and not (slot.takes_sessions and _follows(chain[-1], slot)):
                yield tuple(one.id for one in chain)
                chain = []
            if slot.takes_sessions:
                chain.append(slot)
        if chain:
            yield tuple(one.id for one in chain)

    def _published_places(self) -> Iterator[tuple[str, solver.Place]]:
        rooms = {room.id for room in self.grid.rooms}
        starts = {slot.span.starts_at: slot.id for slot in self.slots}
        for session in self.grid.sessions.values():
            spot = (self.published or {}).get(session.id)
            if spot and spot.room_id in rooms and spot.starts_at in starts:
                yield session.code, solver.Place(spot.room_id, starts[spot.starts_at])


def _follows(before: Slot, slot: Slot) -> bool:
    return slot.span.starts_at - before.span.ends_at <= CHANGEOVER


def _minutes(length: dt.timedelta) -> int:
    return -(-length // dt.timedelta(minutes=1))
