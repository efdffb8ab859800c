"""What the planner is given and what it hands back: frozen values, no database."""

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

Id: TypeAlias = Hashable


class BadInstance(ValueError):
    """Something is named twice or is not there."""


@dataclass(frozen=True, slots=True)
class Session:
    """``needs`` are features that its room must have; an empty ``format`` counts as none."""

    id: Id
    minutes: int
    hosts: tuple[Id, ...] = ()
    needs: frozenset[str] = frozenset()
    format: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """No ``capacity`` is an unknown one and taken for large."""

    id: Id
    capacity: int | None = None
    features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that takes sessions; one that is not open holds pins only.

    Slots may overlap; then they compete for rooms, hosts and people. Breaks and plenaries are
    simply not among them.
    """

    id: Id
    starts_at: dt.datetime
    minutes: int
    is_open: bool = True

    @property
    def start(self) -> int:
        """Minutes since 1970, UTC."""
        return int(self.starts_at.timestamp()) // 60

    @property
    def end(self) -> int:
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's wishes; ``weight`` is below 1 for a browser without an account.

    Whoever leads a session reaches nothing else meanwhile.
    """

    id: Id
    wants: frozenset[Id]
    weight: float = 1.0
    leads: frozenset[Id] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A room and the slot in which a session begins."""

    room: Id
    slot: Id


@dataclass(frozen=True)
class Instance:
    """A case to plan. Raises :class:`BadInstance` when ids contradict each other.

    - ``unavailable``: the slots that a host cannot do (nor any that overlaps one of them).
    - ``pinned``: stays where it is, whatever speaks against it.
    - ``closed``: cells that are taken by something else.
    - ``chains``: slots in their order that a session longer than a slot may run through.
    - ``published``: where people were told to go; leaving such a slot has to be worth it.

    Wishes for sessions that are not there are ignored.
    """

    sessions: tuple[Session, ...] = ()
    rooms: tuple[Room, ...] = ()
    slots: tuple[Slot, ...] = ()
    people: tuple[Person, ...] = ()
    unavailable: Mapping[Id, frozenset[Id]] = field(default_factory=dict)
    pinned: Mapping[Id, Place] = field(default_factory=dict)
    closed: frozenset[Place] = frozenset()
    chains: tuple[tuple[Id, ...], ...] = ()
    published: Mapping[Id, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sessions = _unique("session", (session.id for session in self.sessions))
        rooms = _unique("room", (room.id for room in self.rooms))
        slots = _unique("slot", (slot.id for slot in self.slots))
        _unique("person", (person.id for person in self.people))
        for session, place in self.pinned.items():
            _known("session", session, sessions)
            _known("room", place.room, rooms)
            _known("slot", place.slot, slots)
        for chain in self.chains:
            for slot in chain:
                _known("slot", slot, slots)

    def holding(self, places: Mapping[Id, Place]) -> "Instance":
        """The same case with these places pinned too: what is to be filled in around them."""
        return replace(self, pinned={**places, **self.pinned})

    def run_of(self, session: Session, slot: Slot) -> tuple[Slot, ...]:
        """The slots that a session takes when it begins in ``slot``; none if it is too long."""
        if session.minutes <= slot.minutes:
            return (slot,)
        by_id = {other.id: other for other in self.slots}
        for chain in self.chains:
            if slot.id in chain:
                run = [by_id[pk] for pk in chain[chain.index(slot.id) :]]
                for length, last in enumerate(run, start=1):
                    if last.end - slot.start >= session.minutes:
                        return tuple(run[:length])
        return ()

    def time_of(self, session: Session, slot: Slot) -> tuple[int, int]:
        """From when until when it keeps room, hosts and people, in minutes; slots are kept whole.

        A pinned session that is longer than its slot runs on.
        """
        run = self.run_of(session, slot)
        end = run[-1].end if run else slot.start + session.minutes
        return slot.start, max(end, slot.end)


class Reason(StrEnum):
    """Why a session got no place; the wording is the page's."""

    TOO_LONG = "too_long"
    NO_ROOM = "no_room"
    HOST_AWAY = "host_away"
    HOST_BUSY = "host_busy"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Unplaced:
    session: Id
    reason: Reason


def _unique(kind: str, ids: Iterable[Id]) -> frozenset[Id]:
    counted = Counter(ids)
    for pk, number in counted.items():
        if number > 1:
            raise BadInstance(f"{kind} {pk!r} is there {number} times")
    return frozenset(counted)


def _known(kind: str, pk: Id, known: frozenset[Id]) -> None:
    if pk not in known:
        raise BadInstance(f"there is no {kind} {pk!r}")
