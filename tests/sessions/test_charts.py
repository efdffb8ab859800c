"""Charts are geometry: percent across, pixels down, zero always on the scale."""

import datetime as dt
import itertools

import pytest

from sessions import charts
from sessions.charts import HEIGHT, Amount

FIRST = dt.date(2026, 10, 1)


def day(number):
    return FIRST + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 1), (1, 1), (3, 3), (4, 4), (5, 6), (9, 10), (60, 60), (61, 80), (250, 300), (1001, 1500)],
)
def test_scale_ends_on_a_round_number_at_or_above_the_greatest(most, top):
    assert charts.top_of(most) == top


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5, 7, 13, 60, 99, 12_345])
def test_value_ticks_are_few_whole_numbers_from_zero_to_the_top(most):
    ticks = charts.value_ticks(most)
    assert 2 <= len(ticks) <= 5
    assert (ticks[0].value, ticks[0].at) == (0, HEIGHT)
    assert (ticks[-1].value, ticks[-1].at) == (charts.top_of(most), 0)
    assert len({b.value - a.value for a, b in itertools.pairwise(ticks)}) == 1


@pytest.mark.parametrize("days", [0, 1, 2, 5, 30, 100, 400, 2000])
def test_day_ticks_are_few_and_within_the_chart(days):
    ticks = charts.day_ticks(FIRST, day(days))
    assert 1 <= len(ticks) <= 4
    assert ticks[0].value == FIRST
    assert all(0 <= tick.at <= 100 for tick in ticks)
    assert [tick.value for tick in ticks] == sorted({tick.value for tick in ticks})


def test_line_adds_up_and_stays_level_between_days():
    line = charts.line([(day(0), 1), (day(2), 3)], first=day(0), last=day(3))
    assert [(point.new, point.total) for point in line.points] == [(1, 1), (3, 4)]
    assert [(point.x, point.y, point.bar) for point in line.points] == [
        (0, 120, 40),
        (50, 40 * 0, 120),
    ]
    assert line.path == "0,160 0,120 50,120 50,0 100,0"
    assert line.total == 4
    assert line.bar_width == 20


def test_line_of_nothing_lies_on_the_ground():
    line = charts.line([], first=day(0), last=day(0))
    assert (line.path, line.total) == ("100,160", 0)


def test_longest_bar_or_its_mark_takes_the_whole_width():
    chart = charts.bars([Amount("a", 30, mark=40), Amount("b", 10)])
    assert [(bar.width, bar.mark) for bar in chart.bars] == [(75, 100), (25, None)]
    assert [bar.y for bar in chart.bars] == [0, charts.ROW]
    assert chart.height == 2 * charts.ROW


def test_bars_of_nothing_have_no_width():
    assert [bar.width for bar in charts.bars([Amount("a", 0)]).bars] == [0]
    assert charts.bars([]).height == 0
