"""A programme as a table: days, rows of time, cells of rooms. Pure but for :func:`of`.

A row begins wherever a slot or a session begins, so that a session that fits no slot has its own
row and is never lost. A session fills all rows until it ends; a free stretch of a slot is one
cell; a break or a plenary fills what no session takes of its row.
"""

import datetime as dt
import zoneinfo
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from sessions.models import Event
from sessions.programmes import Entry, News, gone_from
from sessions.scheduling import grid
from sessions.scheduling.grid import Room, Slot, Span


@dataclass(frozen=True, slots=True)
class Cell:
    """``columns`` × ``rows`` of the table: a session, or else time of ``slot`` (None: no slot).

    ``gone`` are sessions that were to begin here when the event began.
    """

    entry: Entry | None = None
    slot: Slot | None = None
    columns: int = 1
    rows: int = 1
    is_free: bool = False  # a whole slot for sessions that nobody has taken
    has_title: bool = False  # says what a break or a plenary is called
    gone: tuple[News, ...] = ()

    @property
    def fits_slot(self) -> bool:
        """Whether the row tells all about the session's time."""
        return (
            self.entry is not None and self.slot is not None and self.entry.span == self.slot.span
        )


@dataclass(frozen=True, slots=True)
class Row:
    """``slot`` is the one that the row lies in. Sessions may leave its title only the head."""

    starts_at: dt.datetime
    slot: Slot | None
    cells: tuple[Cell, ...]

    @property
    def head_has_title(self) -> bool:
        if self.slot is None or self.slot.takes_sessions:
            return False
        begins = self.slot.span.starts_at == self.starts_at
        return begins and not any(cell.has_title for cell in self.cells)


@dataclass(frozen=True)
class Day:
    """What begins on ``date`` at the place of the event, midnight notwithstanding."""

    date: dt.date
    rows: tuple[Row, ...]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Times of slots and sessions, each row's own."""
        found = [row.slot.span for row in self.rows if row.slot]
        return (*found, *(cell.entry.span for cell in self._cells if cell.entry))

    @cached_property
    def session_count(self) -> int:
        return sum(cell.entry is not None and cell.entry.takes_place for cell in self._cells)

    def free_count(self, now: dt.datetime) -> int:
        """Places that nobody has taken and whose time is not over."""
        free = (cell.slot for cell in self._cells if cell.is_free and cell.slot)
        return sum(slot.span.ends_at > now for slot in free)

    @property
    def _cells(self) -> Iterator[Cell]:
        return (cell for row in self.rows for cell in row.cells)


@dataclass(frozen=True)
class Timetable:
    rooms: tuple[Room, ...]
    days: tuple[Day, ...]
    zone: zoneinfo.ZoneInfo = field(default=zoneinfo.ZoneInfo("UTC"))

    def only(self, day: Day) -> "Timetable":
        return replace(self, days=(day,))

    def running(self, now: dt.datetime) -> dt.datetime | None:
        """Start of the one row that is *now*: the last begun, while anything of its day runs."""
        for day in self.days:
            if any(span.contains(now) for span in day.spans):
                return max(row.starts_at for row in day.rows if row.starts_at <= now)
        return None

    def coming(self, now: dt.datetime) -> dt.datetime | None:
        """Start of the next row today."""
        today = now.astimezone(self.zone).date()
        starts = (row.starts_at for day in self.days if day.date == today for row in day.rows)
        return min((start for start in starts if start > now), default=None)

    @property
    def session_count(self) -> int:
        return sum(day.session_count for day in self.days)

    def free_count(self, now: dt.datetime) -> int:
        return sum(day.free_count(now) for day in self.days)

    @property
    def rooms_used(self) -> int:
        cells = (cell for day in self.days for row in day.rows for cell in row.cells)
        return len({cell.entry.room.id for cell in cells if cell.entry and cell.entry.takes_place})


def of(event: Event, entries: Iterable[Entry], gone: Iterable[News] = ()) -> Timetable:
    """The table of an event as its rooms and slots are now; 2 queries."""
    return build(
        rooms=grid.rooms_of(event),
        slots=grid.slots_of(event),
        entries=entries,
        zone=event.zone,
        gone=tuple(gone),
    )


def build(
    *,
    rooms: Iterable[Room],
    slots: Iterable[Slot],
    entries: Iterable[Entry],
    zone: zoneinfo.ZoneInfo,
    gone: Sequence[News] = (),
) -> Timetable:
    """The table of a programme. ``slots`` do not overlap, nor do the entries of a room.

    A room that only an entry knows gets a column, too.
    """
    entries = sorted(entries, key=lambda entry: entry.span.starts_at)
    columns = {room.id: room for room in (*rooms, *(entry.room for entry in entries))}
    slots_of, entries_of = _by_date(slots, zone), _by_date(entries, zone)
    days = tuple(
        _day(date, slots_of.get(date, []), entries_of.get(date, []), (tuple(columns), gone))
        for date in sorted({*slots_of, *entries_of})
    )
    return Timetable(rooms=tuple(columns.values()), days=days, zone=zone)


def _by_date(timed: Iterable, zone: zoneinfo.ZoneInfo) -> Mapping[dt.date, list]:
    dates = defaultdict(list)
    for one in timed:
        dates[one.span.starts_at.astimezone(zone).date()].append(one)
    return dates


def _day(
    date: dt.date,
    slots: Sequence[Slot],
    entries: Sequence[Entry],
    table: tuple[Sequence[int], Sequence[News]],
) -> Day:
    columns, gone = table
    spans = [*(slot.span for slot in slots), *(entry.span for entry in entries)]
    starts = sorted({span.starts_at for span in spans})

    def rows(span: Span) -> range:
        return range(bisect_left(starts, span.starts_at), bisect_left(starts, span.ends_at))

    taken = {(row, entry.room.id): entry for entry in entries for row in rows(entry.span)}
    slot_of = [next((slot for slot in slots if slot.span.contains(at)), None) for at in starts]
    drawing = _Drawing(columns, starts, slot_of, taken, gone)
    return Day(date, tuple(drawing.row(number) for number in range(len(starts))))


@dataclass(frozen=True)
class _Drawing:
    """A day on the way to its rows; ``taken`` is by number of row and id of room."""

    columns: Sequence[int]
    starts: Sequence[dt.datetime]
    slot_of: Sequence[Slot | None]
    taken: Mapping[tuple[int, int], Entry]
    gone: Sequence[News]

    def row(self, number: int) -> Row:
        cells = tuple(self._joined(number))
        if self._begins_slot(number):
            cells = _titled(cells)
        return Row(self.starts[number], self.slot_of[number], cells)

    def _joined(self, row: int) -> Iterator[Cell]:
        """The cells that begin in a row; neighbours of a break or of no slot become one.

        Sessions differ from each other, and free places are counted one by one.
        """
        for cell, together in groupby(self._begun(row, column) for column in self.columns):
            number = sum(1 for _same in together)
            if cell is None:
                continue
            if cell.entry or cell.is_free:
                yield from [cell] * number
            else:
                yield replace(cell, columns=number)

    def _begun(self, row: int, column: int) -> Cell | None:
        """None where something that began before still fills the place."""
        entry = self.taken.get((row, column))
        if entry is None:
            return self._unused(row, column)
        if entry.span.starts_at != self.starts[row]:
            return None
        rows = bisect_left(self.starts, entry.span.ends_at) - row
        slot = self.slot_of[row] if self._begins_slot(row) else None
        gone = self._gone(row, column, entry.span.ends_at)
        others = tuple(one for one in gone if one.change.proposal_id != entry.proposal_id)
        return Cell(entry=entry, slot=slot, rows=rows, gone=others)

    def _unused(self, row: int, column: int) -> Cell | None:
        slot = self.slot_of[row]
        if slot is None:
            return Cell()
        begins = self._begins_slot(row)
        if not begins and (row - 1, column) not in self.taken:
            return None
        end = row
        while self._is_in(slot, end) and (end, column) not in self.taken:
            end += 1
        is_free = slot.takes_sessions and begins and not self._is_in(slot, end)
        ends_at = self.starts[end] if self._is_in(slot, end) else slot.span.ends_at
        gone = self._gone(row, column, ends_at)
        return Cell(slot=slot, rows=end - row, is_free=is_free, gone=gone)

    def _gone(self, row: int, column: int, ends_at: dt.datetime) -> tuple[News, ...]:
        """What was to begin in a cell, or in nobody's time before it: a delay leaves such gaps."""
        if not self.gone:
            return ()
        begins_at = self.starts[row]
        before = (self.slot_of[row - 1], self.taken.get((row - 1, column))) if row else ()
        since = max((one.span.ends_at for one in before if one), default=begins_at)
        span = Span(min(since, begins_at), ends_at)
        return gone_from(self.gone, room_id=column, span=span)

    def _is_in(self, slot: Slot, row: int) -> bool:
        return row < len(self.starts) and self.slot_of[row] == slot

    def _begins_slot(self, row: int) -> bool:
        slot = self.slot_of[row]
        return slot is not None and slot.span.starts_at == self.starts[row]


def _titled(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Let the widest cell of a break or a plenary say what it is, once."""
    named = [
        index
        for index, cell in enumerate(cells)
        if cell.entry is None and cell.slot is not None and not cell.slot.takes_sessions
    ]
    if not named:
        return cells
    widest = max(named, key=lambda index: cells[index].columns)
    return tuple(replace(cell, has_title=index == widest) for index, cell in enumerate(cells))
