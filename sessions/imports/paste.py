"""Rooms and slots as organisers paste them, one per line; pure, every line answered by itself."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from config.lib import text

LINES_MAX = 200
ROOM_NAME_MAX = 60
SLOT_TITLE_MAX = 80
CAPACITY_MAX = 100_000

Row = TypeVar("Row", "RoomRow", "SlotRow")


@dataclass(frozen=True)
class RoomRow:
    line: int
    name: str
    capacity: int | None


@dataclass(frozen=True)
class SlotRow:
    """Half-open and aware; ``kind`` is one of ``Slot.Kind``. ``line`` is 0 for a slot that is
    not from the pasted text.
    """

    line: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    kind: str = "sessions"
    title: str = ""


@dataclass(frozen=True)
class Pasted(Generic[Row]):
    """``rows`` may be used only when there are no ``errors``."""

    rows: tuple[Row, ...]
    errors: tuple[str, ...]


class LineError(ValueError):
    """What is wrong with one line, fit to be shown."""


SEATS = re.compile(r"(\d+)\s*(?:Plätze|Platz|Pl\.?|places|seats|Personen|people)?", re.IGNORECASE)

SLOT = re.compile(
    r"""
    (?:(?:Mo|Di|Mi|Do|Fr|Sa|So|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*\.?,?\s+)?
    (?:
        (?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>\d{4}|\d{2})(?!\d))?,?\s+
      | (?P<iso>\d{4}-\d{2}-\d{2})[,\sT]\s*
    )?
    (?P<start>\d{1,2}[:.]\d{2})\s*(?:Uhr)?
    \s*(?:[-‐‑‒–—−]|bis|to)\s*
    (?P<end>\d{1,2}[:.]\d{2})\s*(?:Uhr)?
    (?:[,:;]?\s+(?P<title>\S.*))?
    """,
    re.VERBOSE | re.IGNORECASE,
)

# A title alone tells what a slot is for; whatever is not a break is for everybody together.
BREAKS = re.compile(
    r"pause|kaffee|mittag|essen|imbiss|frühstück|abendbrot|break|coffee|lunch|dinner|breakfast|tea",
    re.IGNORECASE,
)


def rooms(pasted: str) -> Pasted[RoomRow]:
    """``Saal, 120`` per line, the number of places optional; a name with two is refused."""
    rows: list[RoomRow] = []
    errors: list[str] = []
    seen: dict[str, int] = {}
    for number, line in _lines(pasted, errors):
        try:
            row = _room(number, line)
        except LineError as refusal:
            errors.append(_at(number, refusal))
            continue
        first = seen.setdefault(row.name.casefold(), number)
        if first == number:
            rows.append(row)
        elif not any((row.name, row.capacity) == (other.name, other.capacity) for other in rows):
            error = LineError(
                _("“%(name)s” is in line %(first)d already.") % {"name": row.name, "first": first}
            )
            errors.append(_at(number, error))
    return Pasted(tuple(rows), tuple(errors))


def slots(
    pasted: str,
    *,
    first_day: dt.date,
    last_day: dt.date,
    zone: zoneinfo.ZoneInfo,
    existing: Sequence[SlotRow] = (),
) -> Pasted[SlotRow]:
    """``9.11. 10:00–10:45`` per line, with a title for a break or a plenary.

    The year comes from the event's days, the date too if it has one day only. A line that
    repeats a slot of ``existing`` or an earlier line counts once; one that overlaps is refused.
    """
    rows: list[SlotRow] = []
    errors: list[str] = []
    for number, line in _lines(pasted, errors):
        try:
            row = _slot(number, line, first_day=first_day, last_day=last_day, zone=zone)
        except LineError as error:
            errors.append(_at(number, error))
            continue
        if not any(_same(row, other) for other in rows):
            rows.append(row)
    errors += overlaps(rows, existing, zone=zone)
    return Pasted(tuple(rows), tuple(errors))


def overlaps(
    rows: Iterable[SlotRow], existing: Iterable[SlotRow] = (), *, zone: zoneinfo.ZoneInfo
) -> list[str]:
    """A sentence for each two bands that share time, unless they are the same band."""
    errors = []
    bands = sorted((*existing, *rows), key=lambda band: (band.starts_at, band.ends_at))
    for place, one in enumerate(bands):
        for other in bands[place + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if not _same(one, other):
                errors.append(_overlap(one, other, zone))
    return errors


def _overlap(one: SlotRow, other: SlotRow, zone: zoneinfo.ZoneInfo) -> str:
    one, other = sorted((one, other), key=lambda band: band.line or LINES_MAX + 1)
    if not one.line:
        return _("%(one)s and %(other)s overlap.") % {
            "one": _spoken(one, zone),
            "other": _spoken(other, zone),
        }
    if other.line:
        return _("Lines %(one)d and %(other)d overlap.") % {"one": one.line, "other": other.line}
    message = _("Line %(line)d overlaps the slot %(slot)s.")
    return message % {"line": one.line, "slot": _spoken(other, zone)}


def _lines(pasted: str, errors: list[str]) -> list[tuple[int, str]]:
    """Numbered from 1 as the writer sees them, without empty ones."""
    lines = text.clean(pasted).split("\n")
    numbered = [(number, text.clean_line(line)) for number, line in enumerate(lines, start=1)]
    filled = [(number, line) for number, line in numbered if line]
    if len(filled) > LINES_MAX:
        errors.append(_("At most %(max)d lines at once.") % {"max": LINES_MAX})
        return []
    return filled


def _room(number: int, line: str) -> RoomRow:
    name, separator, seats = line.rpartition(",") if "," in line else line.rpartition(";")
    if not separator:
        name, capacity = line, None
    else:
        match = SEATS.fullmatch(seats.strip())
        if not match:
            message = _("“%(seats)s” is not a number of places. Write: Hall, 120")
            raise LineError(message % {"seats": seats.strip()})
        capacity = int(match[1][: len(str(CAPACITY_MAX)) + 1])
        if not 0 < capacity <= CAPACITY_MAX:
            raise LineError(_("A room holds between 1 and %(max)d people.") % {"max": CAPACITY_MAX})
    name = name.strip()
    if not name:
        raise LineError(_("The room has no name. Write: Hall, 120"))
    if len(name) > ROOM_NAME_MAX:
        message = _("The name is longer than %(max)d characters.")
        raise LineError(message % {"max": ROOM_NAME_MAX})
    return RoomRow(number, name, capacity)


def _slot(
    number: int, line: str, *, first_day: dt.date, last_day: dt.date, zone: zoneinfo.ZoneInfo
) -> SlotRow:
    match = SLOT.fullmatch(line)
    if not match:
        raise LineError(_("This is no slot. Write: 9.11. 10:00–10:45"))
    title = match["title"] or ""
    if len(title) > SLOT_TITLE_MAX:
        message = _("The title is longer than %(max)d characters.")
        raise LineError(message % {"max": SLOT_TITLE_MAX})
    day = _day(match, first_day, last_day)
    starts_at = _moment(day, match["start"], zone)
    ends_at = _moment(day, match["end"], zone)
    if ends_at <= starts_at:
        raise LineError(_("The slot ends before it starts."))
    kind = "sessions" if not title else "break" if BREAKS.search(title) else "plenary"
    return SlotRow(number, starts_at, ends_at, kind, title)


def _day(match: re.Match[str], first_day: dt.date, last_day: dt.date) -> dt.date:
    """The one day of the event that is meant."""
    if not (match["day"] or match["iso"]):
        if first_day == last_day:
            return first_day
        raise LineError(_("The date is missing: the event has more than one day."))
    years = range(first_day.year, last_day.year + 1)
    if match["year"]:
        years = range(int(match["year"]) % 100 + 2000, int(match["year"]) % 100 + 2001)
    try:
        if match["iso"]:
            days = [dt.date.fromisoformat(match["iso"])]
        else:
            days = [dt.date(year, int(match["month"]), int(match["day"])) for year in years]
    except ValueError as error:
        raise LineError(_("There is no such date.")) from error
    for day in days:
        if first_day <= day <= last_day:
            return day
    raise LineError(_("This is not a day of the event."))


def _moment(day: dt.date, clock: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """A time of day at the event's place, in UTC; 24:00 is the next day's midnight."""
    hours, minutes = (int(part) for part in re.split("[:.]", clock))
    if (hours, minutes) == (24, 0):
        day, hours = day + dt.timedelta(days=1), 0
    try:
        wall = dt.datetime.combine(day, dt.time(hours, minutes))
    except ValueError as error:
        raise LineError(_("%(time)s is no time of day.") % {"time": clock}) from error
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if early.astimezone(zone).replace(tzinfo=None) != wall:
        message = _("%(time)s does not exist on this day: clocks go forward.")
        raise LineError(message % {"time": clock})
    if early != late:
        message = _("%(time)s happens twice on this day: clocks go back.")
        raise LineError(message % {"time": clock})
    return early


def _same(one: SlotRow, other: SlotRow) -> bool:
    return (one.starts_at, one.ends_at) == (other.starts_at, other.ends_at)


def _spoken(band: SlotRow, zone: zoneinfo.ZoneInfo) -> str:
    start, end = (moment.astimezone(zone) for moment in (band.starts_at, band.ends_at))
    return f"{start:%d.%m. %H:%M}–{end:%H:%M}"


def _at(number: int, error: LineError) -> str:
    return _("Line %(line)d: %(error)s") % {"line": number, "error": error}
