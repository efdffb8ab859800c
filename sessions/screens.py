"""What hangs on a screen: the programme cut into views, each of which holds for a while.

A page carries the views of the next hours, so that it goes on by the clock when the network is
gone. Pure but for :func:`load`.
"""

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import wrap
from typing import Self

from sessions import programmes
from sessions.models import Event
from sessions.programmes import Entry, News
from sessions.scheduling import grid
from sessions.scheduling.changes import Added, Spot
from sessions.scheduling.grid import Room, Slot

HORIZON = dt.timedelta(hours=6)
ROOMS_PER_PAGE = 4  # in letters that the last row can read
# What a page of the projector holds, as site.css draws it; heights in rem, widths in letters.
PAGE_HEIGHT, SLOT_HEIGHT, CELL_HEIGHT = 29.0, 3.2, 2.9
TITLE_WIDTH, TITLE_HEIGHT = 27, 1.2
HOSTS_WIDTH, HOSTS_HEIGHT = 40, 1.15


@dataclass(frozen=True, slots=True)
class Line:
    """A room at one moment; ``next`` is of the same day."""

    room: Room
    now: Entry | None
    next: Entry | None

    @property
    def height(self) -> float:
        return max((_height(one) for one in (self.now, self.next) if one), default=0.0)


@dataclass(frozen=True, slots=True)
class View:
    """What holds from ``begins_at`` until ``ends_at``; the last one holds on (None).

    ``now`` runs, in the order of the rooms; ``coming`` begins later that day, by time. ``slot``
    is a break or a plenary that runs, ``next_slot`` the plenary that comes next. ``next_at`` is
    when anything goes on, be it on another day; None when all is over. ``gone`` left its place
    on the day, and its time there is not over.
    """

    begins_at: dt.datetime
    ends_at: dt.datetime | None
    lines: tuple[Line, ...] = ()
    now: tuple[Entry, ...] = ()
    coming: tuple[Entry, ...] = ()
    slot: Slot | None = None
    next_slot: Slot | None = None
    next_at: dt.datetime | None = None
    gone: tuple[News, ...] = ()
    is_first: bool = False

    @property
    def running(self) -> int:
        return sum(entry.takes_place for entry in self.now)

    @property
    def next(self) -> tuple[Entry, ...]:
        """The sessions that begin together next on this day, a plenary before them or not."""
        first = self.coming[0].span.starts_at if self.coming else None
        return tuple(one for one in self.coming if one.span.starts_at == first)

    @property
    def is_next_today(self) -> bool:
        return bool(self.next or self.next_slot)

    @property
    def pages(self) -> list[tuple[Line, ...]]:
        """The rooms in portions that fit a screen, fewer with long titles; at least one page."""
        pages: list[tuple[Line, ...]] = [()]
        # What a break or a plenary is called may take two lines above the rooms.
        height = PAGE_HEIGHT - (SLOT_HEIGHT if self.slot or self.next_slot else 0)
        for line in self.lines:
            fits = sum(one.height for one in (*pages[-1], line)) <= height
            if pages[-1] and (len(pages[-1]) == ROOMS_PER_PAGE or not fits):
                pages.append(())
            pages[-1] += (line,)
        return pages


@dataclass(frozen=True, slots=True)
class Day:
    """``entries`` by time and room. ``version`` is None before the first publication."""

    rooms: tuple[Room, ...]
    slots: tuple[Slot, ...]
    entries: tuple[Entry, ...]
    zone: zoneinfo.ZoneInfo
    version: programmes.Version | None = None
    gone: tuple[News, ...] = ()

    def of_room(self, pk: int) -> Self:
        mine = tuple(entry for entry in self.entries if entry.room.id == pk)
        gone = tuple(one for one in self.gone if (spot := _left(one)) and spot.room_id == pk)
        return replace(self, entries=mine, gone=gone)

    def views(self, now: dt.datetime) -> list[View]:
        """From ``now`` on; the first begins in the past, so that a slow clock finds it, too."""
        until = now + HORIZON
        spans = [*(one.span for one in self.entries), *(one.span for one in self.slots)]
        edges = {edge for span in spans for edge in (span.starts_at, span.ends_at)}
        midnight = now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        edges.add(midnight + dt.timedelta(days=1))
        cuts = [now, *sorted(edge for edge in edges if now < edge < until)]
        ends = [*cuts[1:], None]
        views = [self._view(start, end) for start, end in zip(cuts, ends, strict=True)]
        return [replace(views[0], is_first=True), *views[1:]]

    def _view(self, start: dt.datetime, end: dt.datetime | None) -> View:
        today = start.astimezone(self.zone).date()
        slots = [slot for slot in self.slots if not slot.takes_sessions]
        now = {one.room.id: one for one in self.entries if one.span.contains(start)}
        later = [one for one in self.entries if one.span.starts_at > start]
        coming = tuple(one for one in later if self._is_on(today, one))
        following = {one.room.id: one for one in reversed(coming)}
        busy = [room for room in self._all_rooms() if room.id in now or room.id in following]
        plenary = next(
            (one for one in slots if one.kind == "plenary" and one.span.starts_at > start), None
        )
        happening = [one for one in later if one.takes_place] + ([plenary] if plenary else [])
        next_at = min((one.span.starts_at for one in happening), default=None)
        if plenary and (plenary.span.starts_at != next_at or not self._is_on(today, plenary)):
            plenary = None
        return View(
            begins_at=start,
            ends_at=end,
            lines=tuple(Line(room, now.get(room.id), following.get(room.id)) for room in busy),
            now=tuple(now[room.id] for room in busy if room.id in now),
            coming=coming,
            slot=next((slot for slot in slots if slot.span.contains(start)), None),
            next_slot=plenary,
            next_at=next_at,
            gone=tuple(one for one in self.gone if self._is_missed(one, start)),
        )

    def _is_missed(self, one: News, at: dt.datetime) -> bool:
        spot = _left(one)
        if spot is None or one.is_nearby or spot.ends_at <= at:
            return False
        return spot.starts_at.astimezone(self.zone).date() == at.astimezone(self.zone).date()

    def _all_rooms(self) -> tuple[Room, ...]:
        """Those that only an entry knows come last."""
        rooms = {room.id: room for room in (*self.rooms, *(one.room for one in self.entries))}
        return tuple(rooms.values())

    def _is_on(self, date: dt.date, one: Entry | Slot) -> bool:
        return one.span.starts_at.astimezone(self.zone).date() == date


def _height(entry: Entry) -> float:
    titles = _lines(entry.title, TITLE_WIDTH) * TITLE_HEIGHT
    return CELL_HEIGHT + titles + _lines(", ".join(entry.hosts), HOSTS_WIDTH) * HOSTS_HEIGHT


@lru_cache(maxsize=2000)
def _lines(text: str, width: int) -> int:
    return len(wrap(text, width))


def _left(one: News) -> Spot | None:
    return None if isinstance(one.change, Added) else one.change.before


def load(event: Event) -> Day:
    """The newest programme; 5 queries, 3 before the first publication."""
    try:
        programme = programmes.load(event)
    except programmes.NotPublished:
        return Day(grid.rooms_of(event), grid.slots_of(event), (), event.zone)
    return Day(
        rooms=grid.rooms_of(event),
        slots=grid.slots_of(event),
        entries=programme.entries,
        zone=event.zone,
        version=programme.version,
        gone=programme.gone,
    )
