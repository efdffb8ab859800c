"""What an event looks like in numbers: counted in the database, however large it is."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from sessions.models import Event, Interest, Placement, Proposal
from sessions.scheduling import changes, grid, solver
from sessions.scheduling.cases import Case
from sessions.scheduling.grid import Grid, Placed, Room, Span

MOST_TAGS = 12

Days = list[tuple[dt.date, int]]


@dataclass(frozen=True)
class OverTime:
    """New ones per day at the place of the event, without the days on which there was nothing."""

    pitches: Days
    comments: Days
    interest: Days

    @property
    def days(self) -> list[dt.date]:
        return [day for days in (self.pitches, self.comments, self.interest) for day, _n in days]


@dataclass(frozen=True)
class Wanted:
    """Interest in the sessions of one format or tag."""

    key: str
    sessions: int
    members: int
    visitors: int

    @property
    def people(self) -> int:
        return self.members + self.visitors


@dataclass(frozen=True)
class Load:
    """What a room is to expect: the interest in each session that is placed in it, by time."""

    room: Room
    placed: tuple[Placed, ...]

    @property
    def fullest(self) -> Placed | None:
        return max(self.placed, key=lambda place: place.session.interest, default=None)

    @property
    def most(self) -> int:
        return self.fullest.session.interest if self.fullest else 0

    @property
    def mean(self) -> float:
        return sum(place.session.interest for place in self.placed) / (len(self.placed) or 1)

    @property
    def standing(self) -> int:
        """People without a seat in the fullest session."""
        return max(0, self.most - self.room.capacity) if self.room.capacity is not None else 0


@dataclass(frozen=True)
class Coverage:
    """How far people's wishes can be kept; ``score`` is the planner's own.

    ``every`` and the rest are numbers of people (accounts, and browsers without one) by the share
    of their wishes that they can reach: all of them, at least half, fewer, none.
    """

    score: solver.Score
    every: int
    most: int
    some: int
    none: int

    @property
    def percent(self) -> int:
        return round(100 * self.score.reach)


def over_time(event: Event) -> OverTime:
    """Three queries."""
    pitches = event.pitches.public()
    interest = Interest.objects.filter(proposal__in=_sessions(event))
    return OverTime(
        pitches=_per_day(event, pitches, "published_at"),
        comments=_per_day(
            event, pitches.filter(comments__state="published"), "comments__created_at"
        ),
        interest=_per_day(event, interest, "created_at"),
    )


def by_format(event: Event) -> list[Wanted]:
    """In the order of the formats, those without a session left out; one query."""
    found = {each.key: each for each in _wanted(_sessions(event), "format")}
    return [found[key] for key in Proposal.Format.values if key in found]


def by_tag(event: Event) -> list[Wanted]:
    """The most wanted tags first; one query."""
    tagged = _sessions(event).filter(pitch__tags__isnull=False)
    return _wanted(tagged, "pitch__tags__name")[:MOST_TAGS]


def loads(drawn: Grid) -> list[Load]:
    """Of every room of a grid, in its order."""
    return [Load(room, drawn.by_room.get(room.id, ())) for room in drawn.rooms]


@dataclass(frozen=True)
class Programme:
    """The draft of an event, and its newest published version as a grid of the same sessions."""

    draft: Grid
    published: Grid | None

    @cached_property
    def coverages(self) -> tuple[Coverage | None, Coverage | None]:
        """Of the draft and of the published version; None where nothing is placed."""
        return tuple(  # type: ignore[return-value]
            coverage(each) if each and each.placed else None
            for each in (self.draft, self.published)
        )


def programme(event: Event) -> Programme:
    """Six queries."""
    draft = grid.load(event)
    newest = event.schedules.published().first()
    if newest is None:
        return Programme(draft, None)
    places = Placement.objects.filter(schedule=newest).select_related("room")
    return Programme(draft, _as_published(draft, changes.spots(places)))


def coverage(drawn: Grid) -> Coverage:
    """Of the wishes for sessions that are accepted; what has no place is out of reach."""
    case = Case(drawn)
    instance, places = case.instance, case.present
    lost = {loss.person: len(loss.sessions) for loss in solver.losses(instance, places)}
    sorted_out = Counter(
        _share(len(person.wants), lost.get(person.id, 0)) for person in instance.people
    )
    return Coverage(
        score=solver.score(instance, places),
        **{share: sorted_out[share] for share in ("every", "most", "some", "none")},
    )


def _share(wishes: int, lost: int) -> str:
    if not lost:
        return "every"
    if lost == wishes:
        return "none"
    return "most" if 2 * lost <= wishes else "some"


def _as_published(draft: Grid, spots: Mapping[int, changes.Spot]) -> Grid:
    """Sessions that left the board meanwhile have no place in it."""
    rooms = {room.id: room for room in draft.rooms}
    sessions = sorted(draft.sessions.values(), key=lambda session: session.id)
    placed = [
        Placed(session, rooms[spot.room_id], Span(spot.starts_at, spot.ends_at))
        for session in sessions
        if (spot := spots.get(session.id)) and spot.room_id in rooms
    ]
    return replace(
        draft,
        placed=tuple(sorted(placed, key=lambda place: place.span.starts_at)),
        unplaced=tuple(session for session in sessions if session.id not in spots),
    )


def _sessions(event: Event) -> QuerySet[Proposal]:
    return Proposal.objects.of_event(event).on_the_wall()


def _wanted(sessions: QuerySet[Proposal], by: str) -> list[Wanted]:
    interested = {
        "members": Count("interests", filter=Q(interests__user__isnull=False), distinct=True),
        "visitors": Count("interests", filter=Q(interests__user__isnull=True), distinct=True),
    }
    rows = sessions.order_by().values_list(by).annotate(n=Count("pk", distinct=True), **interested)
    return sorted(
        (Wanted(*row) for row in rows), key=lambda each: (-each.people, each.key.casefold())
    )


def _per_day(event: Event, rows: QuerySet[Any], moment: str) -> Days:
    day = TruncDate(moment, tzinfo=event.zone)
    return list(
        rows.order_by().annotate(day=day).values_list("day").annotate(n=Count("pk")).order_by("day")
    )
