"""The grid as the board shows it: days, rows and cells, and where a held session may go. Pure."""

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from sessions.scheduling import conflicts as rules
from sessions.scheduling.conflicts import Conflict
from sessions.scheduling.costs import FREE, Cost, Costs
from sessions.scheduling.grid import Grid, Person, Placed, Room, Session, Slot, Span

PITIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """“Here: 11:00, Saal”: a room and a start where the held session fits."""

    room: Room
    starts_at: dt.datetime
    cost: Cost = FREE

    @property
    def value(self) -> str:
        """As the form sends it back, see :class:`sessions.forms.board.SpotField`."""
        return f"{self.room.id}@{self.starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A placed session in a cell; ``runs_on`` when it began in an earlier one.

    ``cost`` is that of a swap with the held one; ``hard`` and ``soft`` count its conflicts.
    """

    place: Placed
    runs_on: bool = False
    is_held: bool = False
    may_swap: bool = False
    cost: Cost = FREE
    hard: int = 0
    soft: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    room: Room
    entries: tuple[Entry, ...] = ()
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A slot; a break or a plenary has cells only for what runs into it.

    ``away`` are the hosts of the held session who cannot come then.
    """

    slot: Slot
    cells: tuple[Cell, ...] = ()
    away: tuple[Person, ...] = ()

    @property
    def start(self) -> str:
        """In UTC, for the address of a session on the spot."""
        return f"{self.slot.span.starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Board:
    """Everything that the page says. ``held`` is the session that is being moved, if any."""

    grid: Grid
    zone: zoneinfo.ZoneInfo
    held: Session | None = None

    @cached_property
    def conflicts(self) -> tuple[Conflict, ...]:
        return rules.conflicts(self.grid)

    @cached_property
    def hard(self) -> tuple[Conflict, ...]:
        return rules.hard(self.conflicts)

    @cached_property
    def soft(self) -> tuple[Conflict, ...]:
        return rules.soft(self.conflicts)

    @property
    def pities(self) -> tuple[Conflict, ...]:
        """The soft ones that cost most: as many as one would read."""
        return self.soft[:PITIES_SHOWN]

    @property
    def audience(self) -> frozenset[int]:
        """Accounts whom the listed pities concern."""
        return frozenset().union(*(pity.members for pity in self.pities))

    @property
    def tags(self) -> tuple[str, ...]:
        """Those of the waiting sessions, to choose from."""
        return tuple(sorted({tag for session in self.grid.unplaced for tag in session.tags}))

    @property
    def formats(self) -> tuple[str, ...]:
        """Those that occur: the page draws each one's shape once."""
        return tuple(sorted({session.format for session in self.grid.sessions.values()}))

    @property
    def number(self) -> int:
        return len(self.grid.placed) + len(self.grid.unplaced)

    @property
    def held_place(self) -> Placed | None:
        return self.grid.places.get(self.held.code) if self.held else None

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """Rows by the date of their start at the place of the event."""
        by_date = groupby(
            self.grid.slots, key=lambda slot: slot.span.starts_at.astimezone(self.zone).date()
        )
        return tuple(Day(date, tuple(self._row(slot) for slot in slots)) for date, slots in by_date)

    @cached_property
    def astray(self) -> tuple[Entry, ...]:
        return tuple(self._entry(place, None) for place in self.grid.astray)

    @cached_property
    def first_offer(self) -> Offer | None:
        """Where the keyboard goes when a session is taken up."""
        return next(self._offers(), None)

    def _offers(self) -> Iterator[Offer]:
        for day in self.days:
            for row in day.rows:
                yield from (cell.offer for cell in row.cells if cell.offer)

    @cached_property
    def _costs(self) -> Costs:
        return Costs(self.grid)

    @cached_property
    def _conflicts(self) -> Mapping[tuple[bool, str], int]:
        """How many hard or soft ones concern a session."""
        return Counter(
            (conflict.hard, place.session.code)
            for conflict in self.conflicts
            for place in conflict.places
        )

    def _row(self, slot: Slot) -> Row:
        cells = tuple(self._cell(slot, room) for room in self.grid.rooms)
        away = self._costs.away(self.held, slot.span) if self.held else ()
        if not slot.takes_sessions:
            cells = tuple(cell for cell in cells if cell.entries)
        return Row(slot, cells, away)

    def _cell(self, slot: Slot, room: Room) -> Cell:
        places = self.grid.in_cell(slot, room)
        return Cell(
            room=room,
            entries=tuple(self._entry(place, slot) for place in places),
            offer=self._offer(slot, room, places),
        )

    def _entry(self, place: Placed, slot: Slot | None) -> Entry:
        runs_on = slot is not None and place.span.starts_at < slot.span.starts_at
        is_held = self.held is not None and place.session.code == self.held.code
        may_swap = not (self.held is None or is_held or place.pinned or runs_on)
        return Entry(
            place=place,
            runs_on=runs_on,
            is_held=is_held,
            may_swap=may_swap,
            cost=self._costs.of_swap(self.held, place) if self.held and may_swap else FREE,
            hard=self._conflicts[True, place.session.code],
            soft=self._conflicts[False, place.session.code],
        )

    def _offer(self, slot: Slot, room: Room, places: tuple[Placed, ...]) -> Offer | None:
        """The start of the slot; or right after what is in the cell, if the rest of it suffices."""
        if self.held is None or not slot.takes_sessions:
            return None
        others = [place for place in places if place.session.code != self.held.code]
        starts_at = max([slot.span.starts_at, *(place.span.ends_at for place in others)])
        wanted = Span(starts_at, starts_at + dt.timedelta(minutes=self.held.minutes))
        if others and wanted.ends_at > slot.span.ends_at:
            starts_at = slot.span.starts_at
            wanted = Span(starts_at, starts_at + dt.timedelta(minutes=self.held.minutes))
        if self._is_taken(room, wanted) or self._is_where_it_is(room, starts_at):
            return None
        return Offer(room, starts_at, self._costs.of_place(self.held, room, starts_at))

    def _is_taken(self, room: Room, wanted: Span) -> bool:
        return any(
            place.span.overlaps(wanted)
            for place in self.grid.by_room.get(room.id, ())
            if self.held is None or place.session.code != self.held.code
        )

    def _is_where_it_is(self, room: Room, starts_at: dt.datetime) -> bool:
        place = self.held_place
        return place is not None and (place.room, place.span.starts_at) == (room, starts_at)


def board(grid: Grid, *, zone: zoneinfo.ZoneInfo, held: str = "") -> Board:
    """The board of a grid, the session of this code taken up; a pinned one stays where it is."""
    session = grid.sessions.get(held)
    place = grid.places.get(held)
    return Board(grid, zone, None if place and place.pinned else session)
