"""What a page of the board keeps an eye on: whether anything has changed, and who moved what."""

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from sessions.models import Event, Move, Unavailability
from sessions.models.move import MoveQuerySet
from sessions.scheduling import undo
from sessions.scheduling.grid import Grid, Session
from speakers.models import Profile, User


@dataclass(frozen=True, slots=True)
class News:
    """Where somebody's move left a session; ``starts_at`` is None beside the grid."""

    pk: int
    by: str
    title: str
    kind: str
    starts_at: dt.datetime | None
    room_name: str


@dataclass(frozen=True, slots=True)
class Pulse:
    """``newest`` is the newest move; ``news`` those of others since one that the page knew."""

    newest: int
    token: str
    may_undo: bool
    may_redo: bool
    news: tuple[News, ...] = ()

    @property
    def mark(self) -> str:
        """The end of an :func:`etag` after which nothing at all has happened."""
        return f'-{self.token}"'


def pulse(event: Event, *, by: User, since: int | None = None) -> Pulse:
    """One query. The token changes with whatever the board shows, and with more than that.

    The event's version tells of rooms, slots, sessions, people and interests, and of comments and
    likes besides; moves of the draft and absences are not public and come on top.
    """
    moves = Move.objects.filter(event=OuterRef("pk"))
    away = Unavailability.objects.filter(event=OuterRef("pk")).order_by("id")
    row = (
        Event.objects.filter(pk=event.pk)
        .annotate(
            newest=Coalesce(Subquery(moves.order_by("-pk").values("pk")[:1]), 0),
            may_undo=Exists(undo.undoable(event, by)) | Exists(undo.delays_undoable(event, by)),
            may_redo=Exists(undo.redoable(event, by)) | Exists(undo.delays_redoable(event, by)),
            away=ArraySubquery(away.values_list(JSONObject(who="person_id", when="during"))),
            told=ArraySubquery(_told(moves, by=by, since=since)),
        )
        .values("version", "newest", "may_undo", "may_redo", "away", "told")
        .get()
    )
    away_now = zlib.crc32(repr(row["away"]).encode())
    return Pulse(
        newest=row["newest"],
        token=f"{row['version']}.{row['newest']}.{away_now:x}",
        may_undo=row["may_undo"],
        may_redo=row["may_redo"],
        news=tuple(_news(row["told"] or ())),
    )


def etag(event: Event, drawn: Grid, pulse: Pulse) -> str:
    """What a page knows: first what it shows, then what the pulse was when it was drawn.

    The same in every process, which asks for numbers in place of sets.
    """
    rooms = [(room.id, room.name, room.capacity, sorted(room.features)) for room in drawn.rooms]
    placed = [
        (place.token, place.pinned, place.room.id, place.span, _seen(place.session))
        for place in drawn.placed
    ]
    shown = (
        *(event.name, event.live, event.time_zone),
        *(rooms, drawn.slots, placed, [_seen(session) for session in drawn.unplaced]),
        drawn.absences,
    )
    return f'"{zlib.crc32(repr(shown).encode()):x}.{pulse.newest}{pulse.mark}'


def shows_the_same(etag: str, other: str) -> bool:
    return etag.partition("-")[0] == other.partition("-")[0]


def _seen(session: Session) -> tuple[Any, ...]:
    words = (session.code, session.title, session.format, session.minutes, session.state)
    people = (session.hosts, session.features, session.tags, hash(session.interested))
    return *words, session.is_public, *people


def names_of(people: Iterable[int]) -> dict[int, str]:
    """The names of accounts by id, alphabetically; one query, none for nobody."""
    if not (ids := frozenset(people)):
        return {}
    profiles = Profile.objects.filter(user__in=ids).order_by("name", "user")
    return dict(profiles.values_list("user", "name"))


def _told(moves: MoveQuerySet, *, by: User, since: int | None) -> QuerySet[Any, Any]:
    """Others' moves after ``since``, the newest first; none where a page knew nothing yet."""
    others = moves.none() if since is None else moves.after(since).exclude(by=by)
    title = Coalesce(NullIf("proposal__title", Value("")), "proposal__pitch__title")
    return others.order_by("-pk").values_list(
        JSONObject(
            pk="pk",
            by="by__profile__name",
            code="proposal__code",
            title=title,
            kind="kind",
            after="after",
        )
    )


def _news(told: Iterable[dict]) -> Iterator[News]:
    """Of each session only where it is now."""
    known = set()
    for row in told:
        if row["code"] in known:
            continue
        known.add(row["code"])
        after = row["after"]
        yield News(
            pk=row["pk"],
            by=row["by"] or "",
            title=row["title"],
            kind=row["kind"],
            starts_at=dt.datetime.fromisoformat(after["starts_at"]) if after else None,
            room_name=after["room_name"] if after else "",
        )
