"""The draft of an event as plain, frozen values: what the board shows and the conflicts judge."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from sessions import models
from sessions.models import (
    Event,
    Host,
    Interest,
    Pitch,
    Placement,
    Proposal,
    Tag,
    Unavailability,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open time: what ends at noon does not touch what begins at noon."""

    starts_at: dt.datetime
    ends_at: dt.datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def contains(self, moment: dt.datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Room:
    id: int
    name: str
    capacity: int | None = None
    features: frozenset[str] = frozenset()  # in lower case

    def lacks(self, session: "Session") -> tuple[str, ...]:
        """What the session needs and the room does not have, in the session's words."""
        return tuple(need for need in session.features if need.casefold() not in self.features)


@dataclass(frozen=True, slots=True)
class Slot:
    """``kind`` is one of ``models.Slot.Kind``."""

    id: int
    span: Span
    kind: str = "sessions"
    title: str = ""

    @property
    def takes_sessions(self) -> bool:
        return self.kind == "sessions"

    @property
    def kind_label(self) -> str:
        return str(models.Slot.Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Session:
    """A proposal as the board needs it. ``interested`` holds account ids and visitors' ids."""

    id: int
    code: str
    title: str
    format: str
    minutes: int
    state: str = "accepted"
    is_public: bool = True
    hosts: tuple[Person, ...] = ()
    features: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    interested: frozenset[int | uuid.UUID] = frozenset()

    @property
    def interest(self) -> int:
        return len(self.interested)

    @property
    def is_schedulable(self) -> bool:
        return self.is_public and self.state in Proposal.SCHEDULABLE

    @property
    def format_label(self) -> str:
        return str(Proposal.Format(self.format).label)

    @property
    def state_label(self) -> str:
        return str(Proposal.State(self.state).label)


@dataclass(frozen=True, slots=True)
class Placed:
    """A session in its room and time; ``token`` is :attr:`Placement.token`."""

    session: Session
    room: Room
    span: Span
    token: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """“I can't then.”"""

    person_id: int
    span: Span


@dataclass(frozen=True)
class Grid:
    """Rooms in order, slots and placed by time, unplaced with the most wanted first."""

    rooms: tuple[Room, ...] = ()
    slots: tuple[Slot, ...] = ()
    placed: tuple[Placed, ...] = ()
    unplaced: tuple[Session, ...] = ()
    absences: tuple[Absence, ...] = ()

    @cached_property
    def sessions(self) -> Mapping[str, Session]:
        """Every session of the board by its code."""
        placed = {place.session.code: place.session for place in self.placed}
        return placed | {session.code: session for session in self.unplaced}

    @cached_property
    def places(self) -> Mapping[str, Placed]:
        """Where the placed ones are, by their code."""
        return {place.session.code: place for place in self.placed}

    @cached_property
    def by_room(self) -> Mapping[int, tuple[Placed, ...]]:
        rooms: dict[int, list[Placed]] = defaultdict(list)
        for place in self.placed:
            rooms[place.room.id].append(place)
        return {pk: tuple(places) for pk, places in rooms.items()}

    def in_cell(self, slot: Slot, room: Room) -> tuple[Placed, ...]:
        """What touches a room in a slot, by time: begun there or running on from before."""
        return tuple(
            place for place in self.by_room.get(room.id, ()) if place.span.overlaps(slot.span)
        )

    @cached_property
    def astray(self) -> tuple[Placed, ...]:
        """Placed ones that begin in no slot, because the slots were changed afterwards."""
        return tuple(
            place
            for place in self.placed
            if not any(slot.span.contains(place.span.starts_at) for slot in self.slots)
        )


def rooms_of(event: Event) -> tuple[Room, ...]:
    """In the order of the table; one query."""
    return tuple(
        Room(room.pk, room.name, room.capacity, _words(room.features))
        for room in event.rooms.order_by("position", "id")
    )


def slots_of(event: Event) -> tuple[Slot, ...]:
    """In the order of time; one query."""
    return tuple(
        Slot(slot.pk, Span(slot.starts_at, slot.ends_at), slot.kind, slot.title)
        for slot in event.slots.chronological()
    )


def load(event: Event) -> Grid:
    """Read the draft of ``event``: 2 queries, however large it is."""
    frame = _frame(event)
    rooms = {room["id"]: Room(**room | {"features": _words(room["features"])}) for room in frame[0]}
    placed, unplaced = [], []
    for row in _rows(event):
        session = _session(row)
        if row.place:
            placed.append(_placed(session, row.place[0], rooms))
        else:
            unplaced.append(session)
    return Grid(
        rooms=tuple(rooms.values()),
        slots=tuple(
            Slot(slot["id"], _span(slot), slot["kind"], slot["title"]) for slot in frame[1]
        ),
        placed=tuple(sorted(placed, key=lambda place: (place.span.starts_at, place.session.id))),
        unplaced=tuple(sorted(unplaced, key=lambda session: (-session.interest, session.id))),
        absences=tuple(Absence(absence["person"], _span(absence)) for absence in frame[2]),
    )


def _frame(event: Event) -> tuple[list[dict], list[dict], list[dict]]:
    """Rooms in order, slots by time and absences, as arrays of one query."""
    absences = Unavailability.objects.order_by("id").values_list(
        JSONObject(
            person="person_id", starts_at=F("during__startswith"), ends_at=F("during__endswith")
        )
    )
    rooms = models.Room.objects.order_by("position", "id").values_list(
        JSONObject(id="id", name="name", capacity="capacity", features="features")
    )
    slots = models.Slot.objects.chronological().values_list(
        JSONObject(id="id", starts_at="starts_at", ends_at="ends_at", kind="kind", title="title")
    )
    parts = (ArraySubquery(part.filter(event=OuterRef("pk"))) for part in (rooms, slots, absences))
    return Event.objects.filter(pk=event.pk).values_list(*parts).get()


def _rows(event: Event) -> Iterable[Any]:
    """Schedulable or placed proposals; hosts, interests and place as arrays of the same query."""
    hosts = Host.objects.accepted().filter(pitch=OuterRef("pitch"))
    interests = Interest.objects.filter(proposal=OuterRef("pk")).order_by("id")
    places = Placement.objects.in_draft_of(event)
    tags = Tag.objects.filter(items__content_object=OuterRef("pitch")).order_by("name")
    named = JSONObject(id="person_id", name="person__profile__name")
    return (
        Proposal.objects.for_board_of(event)
        .select_related("pitch")
        .defer("pitch__body", "pitch__search", "search", "abstract")
        .annotate(
            people=ArraySubquery(hosts.values_list(named)),
            members=ArraySubquery(interests.filter(user__isnull=False).values("user_id")),
            words=ArraySubquery(tags.values("name")),
            visitors=ArraySubquery(interests.filter(user__isnull=True).values("visitor")),
            place=ArraySubquery(
                places.filter(proposal=OuterRef("pk")).values_list(
                    JSONObject(
                        id="id",
                        revision="revision",
                        room="room_id",
                        pinned="pinned",
                        starts_at=F("during__startswith"),
                        ends_at=F("during__endswith"),
                    )
                )
            ),
        )
        .order_by("id")
    )


def _session(row: Any) -> Session:
    return Session(
        id=row.pk,
        code=row.code,
        title=row.heading,
        format=row.format,
        minutes=row.minutes,
        state=row.state,
        is_public=row.pitch.state == Pitch.State.PUBLIC,
        hosts=tuple(Person(person["id"], person["name"] or "") for person in row.people),
        features=tuple(row.features),
        tags=tuple(row.words),
        interested=frozenset(row.members) | frozenset(row.visitors),
    )


def _placed(session: Session, place: dict, rooms: Mapping[int, Room]) -> Placed:
    return Placed(
        session=session,
        room=rooms[place["room"]],
        span=_span(place),
        token=f"{place['id']}.{place['revision']}",
        pinned=place["pinned"],
    )


def _span(row: dict) -> Span:
    return Span(*(dt.datetime.fromisoformat(row[key]) for key in ("starts_at", "ends_at")))


def _words(features: Iterable[str]) -> frozenset[str]:
    return frozenset(map(str.casefold, features))
