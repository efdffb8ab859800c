"""What is printed: cards for the wall, signs for the doors, and places to scan a card onto."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from sessions import programmes
from sessions.models import Event, Room
from sessions.programmes import Entry
from sessions.scheduling import grid
from sessions.scheduling.grid import Session, Slot

CARDS_PER_SHEET = 4  # A6 on A4
CELL_START = "%Y%m%dT%H%M"  # in UTC


@dataclass(frozen=True, slots=True)
class Sign:
    """What takes place in a room on one day."""

    room: grid.Room
    date: dt.date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the grid; ``path`` is what its code says."""

    room: Room
    slot: Slot
    path: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The places of one day: a row for each slot, a cell for each room."""

    date: dt.date
    rows: tuple[tuple[Slot, tuple[Cell, ...]], ...]


def sheets_of_cards(event: Event) -> list[list[Session]]:
    """Every session that may be placed or is, by title, in fours; 4 queries."""
    board = grid.load(event)
    cards = sorted(board.sessions.values(), key=lambda one: (one.title.casefold(), one.id))
    return [cards[at : at + CARDS_PER_SHEET] for at in range(0, len(cards), CARDS_PER_SHEET)]


def signs(event: Event) -> list[Sign]:
    """By room and day; 4 queries. Raises :class:`programmes.NotPublished`."""

    def sheet(entry: Entry) -> tuple[int, dt.date]:
        return entry.room.id, entry.span.starts_at.astimezone(event.zone).date()

    order = {room.id: number for number, room in enumerate(grid.rooms_of(event))}
    entries = sorted(
        programmes.load(event).entries,
        key=lambda one: (order.get(one.room.id, len(order)), *sheet(one)),
    )
    found = ((date, tuple(together)) for (_room, date), together in groupby(entries, key=sheet))
    return [Sign(together[0].room, date, together) for date, together in found]


def sheets_of_cells(event: Event) -> list[Sheet]:
    """Where sessions can be placed, day by day; 2 queries."""
    rooms = list(event.rooms.order_by("position", "id"))
    slots = [slot for slot in grid.slots_of(event) if slot.takes_sessions]

    def date(slot: Slot) -> dt.date:
        return slot.span.starts_at.astimezone(event.zone).date()

    def cells(slot: Slot) -> Iterator[Cell]:
        start = slot.span.starts_at.astimezone(dt.UTC).strftime(CELL_START)
        for room in rooms:
            path = reverse("program:cell", args=[event.slug, room.slug, start])
            yield Cell(room, slot, path)

    return [
        Sheet(day, tuple((slot, tuple(cells(slot))) for slot in together))
        for day, together in groupby(slots, key=date)
    ]
