"""What is wrong with a grid: one pure function for the board, the publish gate and the planner.

A conflict is a value; its wording is in ``templates/admin/program/event/_conflict.html``. What is
``hard`` cannot take place and is never published; what is soft is a pity that organisers may
accept.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from sessions.scheduling.grid import Absence, Grid, Person, Placed, Slot


@dataclass(frozen=True, slots=True)
class Conflict:
    """``names_hosts``: it concerns the hosts of its places, whom its wording does not name yet."""

    kind: ClassVar[str]
    hard: ClassVar[bool]
    names_hosts: ClassVar[bool] = True

    place: Placed

    @property
    def places(self) -> tuple[Placed, ...]:
        """The places concerned, the earlier one first."""
        return (self.place,)

    @property
    def weight(self) -> int:
        """How many people it costs something; 0 where that says nothing."""
        return 0

    @property
    def members(self) -> frozenset[int]:
        """The accounts that would have to choose; ``visitors`` counts those without one."""
        return frozenset()

    @property
    def visitors(self) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class _Pair(Conflict):
    other: Placed

    @property
    def places(self) -> tuple[Placed, ...]:
        return (self.place, self.other)


@dataclass(frozen=True, slots=True)
class RoomTwice(_Pair):
    """Two sessions in a room at once; the database refuses it, a planner's proposal may hold it."""

    kind: ClassVar[str] = "room_twice"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class HostTwice(_Pair):
    kind: ClassVar[str] = "host_twice"
    hard: ClassVar[bool] = True
    names_hosts: ClassVar[bool] = False

    host: Person


@dataclass(frozen=True, slots=True)
class HostAway(Conflict):
    kind: ClassVar[str] = "host_away"
    hard: ClassVar[bool] = True
    names_hosts: ClassVar[bool] = False

    host: Person
    absence: Absence


@dataclass(frozen=True, slots=True)
class NotAccepted(Conflict):
    """Placed, but declined, cancelled, withdrawn or not decided (any more)."""

    kind: ClassVar[str] = "not_accepted"
    hard: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class FeatureMissing(Conflict):
    """The room lacks what the session cannot do without."""

    kind: ClassVar[str] = "feature_missing"
    hard: ClassVar[bool] = True

    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OverPlenary(Conflict):
    kind: ClassVar[str] = "over_plenary"
    hard: ClassVar[bool] = True

    slot: Slot


@dataclass(frozen=True, slots=True)
class OverBreak(Conflict):
    kind: ClassVar[str] = "over_break"
    hard: ClassVar[bool] = False

    slot: Slot


@dataclass(frozen=True, slots=True)
class RoomTooSmall(Conflict):
    kind: ClassVar[str] = "room_too_small"
    hard: ClassVar[bool] = False

    @property
    def weight(self) -> int:
        return self.place.session.interest - (self.place.room.capacity or 0)


@dataclass(frozen=True, slots=True)
class AudienceTwice(_Pair):
    """``people`` want both."""

    kind: ClassVar[str] = "audience_twice"
    hard: ClassVar[bool] = False
    names_hosts: ClassVar[bool] = False

    people: int

    @property
    def weight(self) -> int:
        return self.people

    @property
    def members(self) -> frozenset[int]:
        both = self.place.session.interested & self.other.session.interested
        return frozenset(person for person in both if isinstance(person, int))

    @property
    def visitors(self) -> int:
        return self.people - len(self.members)


def conflicts(grid: Grid) -> tuple[Conflict, ...]:
    """All conflicts: hard before soft, then what costs most people, then by time.

    Costs a sort and the pairs that overlap in time.
    """
    found = [*_of_pairs(grid), *_of_people(grid), *_of_slots(grid), *_of_sessions(grid)]
    return tuple(sorted(found, key=_order))


def hard(found: Iterable[Conflict]) -> tuple[Conflict, ...]:
    return tuple(conflict for conflict in found if conflict.hard)


def soft(found: Iterable[Conflict]) -> tuple[Conflict, ...]:
    return tuple(conflict for conflict in found if not conflict.hard)


def _order(conflict: Conflict) -> tuple[bool, int, dt.datetime, str, tuple[int, ...]]:
    ids = tuple(place.session.id for place in conflict.places)
    return not conflict.hard, -conflict.weight, conflict.place.span.starts_at, conflict.kind, ids


def _of_pairs(grid: Grid) -> Iterator[Conflict]:
    for place, other in _simultaneous(grid.placed):
        if place.room.id == other.room.id:
            yield RoomTwice(place, other)
        others = set(other.session.hosts)
        for host in place.session.hosts:
            if host in others:
                yield HostTwice(place, other, host)
        if people := len(place.session.interested & other.session.interested):
            yield AudienceTwice(place, other, people)


def _simultaneous(placed: Iterable[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Pairs that overlap, by a sweep over time: only what has not ended yet is compared."""
    running: list[Placed] = []
    for place in sorted(placed, key=lambda place: (place.span.starts_at, place.session.id)):
        running = [before for before in running if before.span.ends_at > place.span.starts_at]
        yield from ((before, place) for before in running)
        running.append(place)


def _of_people(grid: Grid) -> Iterator[HostAway]:
    away: dict[int, list[Absence]] = defaultdict(list)
    for absence in grid.absences:
        away[absence.person_id].append(absence)
    for place in grid.placed:
        for host in place.session.hosts:
            for absence in away.get(host.id, ()):
                if absence.span.overlaps(place.span):
                    yield HostAway(place, host, absence)


def _of_slots(grid: Grid) -> Iterator[Conflict]:
    for slot in grid.slots:
        if slot.takes_sessions:
            continue
        over = OverPlenary if slot.kind == "plenary" else OverBreak
        for place in grid.placed:
            if place.span.overlaps(slot.span):
                yield over(place, slot)


def _of_sessions(grid: Grid) -> Iterator[Conflict]:
    for place in grid.placed:
        if not place.session.is_schedulable:
            yield NotAccepted(place)
        if missing := place.room.lacks(place.session):
            yield FeatureMissing(place, missing)
        if place.room.capacity is not None and place.session.interest > place.room.capacity:
            yield RoomTooSmall(place)
