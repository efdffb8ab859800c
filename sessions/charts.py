"""Charts as plain values, for SVG that needs no style and no script: scales, ticks, lines, bars.

Across, everything is in percent of the width, so that a chart fits a phone while its letters keep
their size; down, it is in pixels of a fixed height. Zero is always part of the scale. Pure.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

TICKS = 4
HEIGHT = 160  # of a line chart's plot
ROW = 44  # of a bar and its label above it
DAYS_APART = (1, 2, 3, 7, 14, 28, 91, 182, 365)


@dataclass(frozen=True, slots=True)
class Tick:
    """``at`` in percent of the width, or in pixels from the top."""

    at: float
    value: int | dt.date
    anchor: str = "middle"

    @property
    def text_at(self) -> float:
        """The baseline of the number above its line."""
        return self.at - 4


@dataclass(frozen=True, slots=True)
class Point:
    """One day: what is new and what there is by its end. ``x`` in percent, heights in pixels."""

    day: dt.date
    new: int
    total: int
    x: float
    y: float
    bar: float

    @property
    def bar_y(self) -> float:
        return HEIGHT - self.bar


@dataclass(frozen=True, slots=True)
class Line:
    points: tuple[Point, ...]
    days: tuple[Tick, ...]
    values: tuple[Tick, ...]
    bar_width: float

    height = HEIGHT

    @property
    def path(self) -> str:
        """Of a polyline 100 wide: level until the next day on which something is new."""
        steps, before = [], float(HEIGHT)
        for point in self.points:
            steps += [(point.x, before), (point.x, point.y)]
            before = point.y
        return " ".join(f"{x:g},{y:g}" for x, y in [*steps, (100, before)])

    @property
    def total(self) -> int:
        return self.points[-1].total if self.points else 0


@dataclass(frozen=True, slots=True)
class Amount:
    """What a bar is made of. ``tone`` is one of the formats, ``mark`` a limit to compare with."""

    label: str
    value: int
    tone: str = ""
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """In percent of the width, ``y`` in pixels."""

    amount: Amount
    y: int
    width: float
    mark: float | None = None

    @property
    def text_y(self) -> int:
        return self.y + 16

    @property
    def bar_y(self) -> int:
        return self.y + 22


@dataclass(frozen=True, slots=True)
class Bars:
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        return len(self.bars) * ROW


def top_of(most: int, ticks: int = TICKS) -> int:
    """The end of a scale from 0 that ``ticks`` equal steps of 1, 2 or 5 times 10ⁿ lead to."""
    least = max(most, 1) / ticks
    power = 10 ** max(math.floor(math.log10(least)), 0)
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
    return step * math.ceil(max(most, 1) / step)


def value_ticks(most: int) -> tuple[Tick, ...]:
    """Whole numbers from 0 up, at most :data:`TICKS` above it."""
    top = top_of(most)
    steps = min(TICKS, top)
    while top % steps:
        steps -= 1
    return tuple(
        Tick(_round(HEIGHT * (1 - step / steps)), top * step // steps) for step in range(steps + 1)
    )


def day_ticks(first: dt.date, last: dt.date, most: int = TICKS) -> tuple[Tick, ...]:
    """Days at equal distances from ``first``, the outer ones written inwards."""
    days = (last - first).days
    if not days:
        return (Tick(0, first, "start"),)
    longest = days // most + 1
    step = next((apart for apart in DAYS_APART if apart >= longest), longest)
    return tuple(
        Tick(
            _round(100 * number / days),
            first + dt.timedelta(days=number),
            "start" if not number else "end" if number > 0.9 * days else "middle",
        )
        for number in range(0, days + 1, step)
    )


def line(counts: Sequence[tuple[dt.date, int]], *, first: dt.date, last: dt.date) -> Line:
    """New ones per day, and how they add up from ``first`` to ``last``.

    ``counts`` are in order, of days on which there was something, within these two.
    """
    days = (last - first).days + 1
    totals = list(accumulate(number for _day, number in counts))
    top = top_of(totals[-1] if totals else 0)
    points = tuple(
        Point(
            day=day,
            new=new,
            total=total,
            x=_round(100 * (day - first).days / days),
            y=_round(HEIGHT * (1 - total / top)),
            bar=_round(HEIGHT * new / top),
        )
        for (day, new), total in zip(counts, totals, strict=True)
    )
    return Line(
        points=points,
        days=day_ticks(first, last),
        values=value_ticks(totals[-1] if totals else 0),
        bar_width=_round(max(100 / days * 0.8, 0.3)),
    )


def bars(amounts: Sequence[Amount]) -> Bars:
    """One below the other, in the given order; the longest, or its mark, takes the whole width."""
    most = max((max(each.value, each.mark or 0) for each in amounts), default=0) or 1
    return Bars(
        tuple(
            Bar(
                amount=amount,
                y=number * ROW,
                width=_round(100 * amount.value / most),
                mark=None if amount.mark is None else _round(100 * amount.mark / most),
            )
            for number, amount in enumerate(amounts)
        )
    )


def _round(number: float) -> float:
    return round(number, 2)
