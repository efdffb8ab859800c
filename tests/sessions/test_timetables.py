"""The programme as a table: every session has its place, whatever the slots say."""

import datetime as dt
import zoneinfo

from hypothesis import given
from hypothesis import strategies as st

from sessions import timetables
from sessions.programmes import Entry
from sessions.scheduling.grid import Room, Slot, Span
from tests.factories.program import hour

BONN = zoneinfo.ZoneInfo("Europe/Berlin")
SAAL, GALERIE = Room(1, "Saal", 120), Room(2, "Galerie", 30)
SLOTS = [
    Slot(1, Span(hour(0), hour(1))),
    Slot(2, Span(hour(1), hour(2)), "break", "Coffee"),
    Slot(3, Span(hour(2), hour(3))),
]


def entry(start: dt.datetime, *, minutes: int = 60, room: Room = SAAL, number: int = 1) -> Entry:
    span = Span(start, start + dt.timedelta(minutes=minutes))
    return Entry(number, f"code{number}", f"Session {number}", room, span)


def table(*entries: Entry, slots=SLOTS, rooms=(SAAL, GALERIE), zone=BONN) -> timetables.Timetable:
    return timetables.build(rooms=rooms, slots=slots, entries=entries, zone=zone)


def drawn(timetable: timetables.Timetable) -> list[list[str]]:
    """The first day in letters: rows of "title×rows" or of what else is in a cell."""

    def word(cell) -> str:
        if cell.entry:
            text = cell.entry.title
        elif cell.has_title:
            text = cell.slot.title
        else:
            text = "free" if cell.is_free else "-"
        return f"{text} {cell.columns}x{cell.rows}"

    return [[word(cell) for cell in row.cells] for row in timetable.days[0].rows]


def test_break_is_one_cell_over_all_rooms():
    assert drawn(table(entry(hour(0)))) == [
        ["Session 1 1x1", "free 1x1"],
        ["Coffee 2x1"],
        ["free 1x1", "free 1x1"],
    ]


def test_session_longer_than_its_slot_spans_rows_and_leaves_the_rest_to_the_break():
    assert drawn(table(entry(hour(0), minutes=150))) == [
        ["Session 1 1x3", "free 1x1"],
        ["Coffee 1x1"],
        ["free 1x1"],
    ]


def test_break_names_itself_in_the_head_of_its_row_when_sessions_take_all_of_it():
    both = table(entry(hour(1)), entry(hour(1), room=GALERIE, number=2))
    assert drawn(both)[1] == ["Session 1 1x1", "Session 2 1x1"]
    assert [row.head_has_title for row in both.days[0].rows] == [False, True, False]


def test_session_that_begins_inside_a_slot_has_a_row_of_its_own():
    assert drawn(table(entry(hour(0, minutes=20), minutes=20))) == [
        ["- 1x1", "free 1x2"],
        ["Session 1 1x1"],
        ["Coffee 2x1"],
        ["free 1x1", "free 1x1"],
    ]


def test_session_that_begins_inside_a_break_leaves_the_breaks_name_once():
    cells = drawn(table(entry(hour(1, minutes=30), minutes=15, room=GALERIE)))
    assert cells[1:3] == [["Coffee 1x2", "- 1x1"], ["Session 1 1x1"]]


def test_session_outside_all_slots_is_shown():
    assert drawn(table(entry(hour(5)))) == [
        ["free 1x1", "free 1x1"],
        ["Coffee 2x1"],
        ["free 1x1", "free 1x1"],
        ["Session 1 1x1", "- 1x1"],
    ]


def test_session_in_a_room_that_was_taken_off_the_list_gets_a_column():
    attic = Room(9, "Attic")
    shown = table(entry(hour(0), room=attic))
    assert shown.rooms == (SAAL, GALERIE, attic)
    assert drawn(shown)[0] == ["free 1x1", "free 1x1", "Session 1 1x1"]


def test_days_are_those_at_the_place_of_the_event():
    evening = dt.datetime(2026, 11, 9, 23, 30, tzinfo=dt.UTC)  # 0:30 in Bonn
    shown = table(entry(hour(0)), entry(evening, number=2))
    assert [day.date for day in shown.days] == [dt.date(2026, 11, 9), dt.date(2026, 11, 10)]
    assert [day.session_count for day in shown.days] == [1, 1]


def test_hour_that_autumn_repeats_has_two_rows():
    first, second = (dt.datetime(2026, 10, 25, at, 30, tzinfo=dt.UTC) for at in (0, 1))
    shown = table(entry(first), entry(second, number=2), slots=[])
    (day,) = shown.days
    assert [f"{row.starts_at.astimezone(BONN):%H:%M}" for row in day.rows] == ["02:30", "02:30"]


def test_running_is_the_row_that_began_last_while_anything_runs():
    shown = table(entry(hour(0), minutes=150))
    assert shown.running(hour(0) - dt.timedelta(minutes=1)) is None
    assert shown.running(hour(0)) == hour(0)
    assert shown.running(hour(2, minutes=15)) == hour(2)
    assert shown.running(hour(3)) is None


def test_coming_is_the_next_row_of_today():
    shown = table(entry(hour(24)))
    assert shown.coming(hour(-1)) == hour(0)
    assert shown.coming(hour(2)) is None
    assert shown.coming(hour(24) - dt.timedelta(minutes=1)) == hour(24)


def test_free_places_are_counted_until_their_time_is_over():
    shown = table(entry(hour(0)))
    assert [shown.free_count(hour(at)) for at in (0, 1, 3)] == [3, 2, 0]


@st.composite
def programmes(draw):
    """Slots and sessions at any quarter of an hour, no two at once in a room."""
    lengths = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), max_size=6))
    slots, at = [], 0
    for number, (gap, length) in enumerate(lengths):
        at += gap
        span = Span(hour(0, minutes=15 * at), hour(0, minutes=15 * (at + length)))
        slots.append(Slot(number, span, draw(st.sampled_from(["sessions", "break", "plenary"]))))
        at += length
    entries = []
    for room in (SAAL, GALERIE):
        at = 0
        for gap, length in draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)))):
            at += gap
            start = hour(0, minutes=15 * at)
            entries.append(entry(start, minutes=15 * length, room=room, number=len(entries) + 1))
            at += length
    return slots, entries


@given(programmes())
def test_table_is_filled_without_gap_or_overlap_and_holds_every_session_once(made):
    slots, entries = made
    shown = table(*entries, slots=slots)
    found = []
    for day in shown.days:
        filled: dict[tuple[int, int], int] = {}
        for number, row in enumerate(day.rows):
            column = 0
            for cell in row.cells:
                while (number, column) in filled:
                    column += 1
                for down in range(cell.rows):
                    for right in range(cell.columns):
                        place = (number + down, column + right)
                        assert place not in filled
                        filled[place] = number
                if cell.entry:
                    assert shown.rooms[column] == cell.entry.room
                    assert row.starts_at == cell.entry.span.starts_at
                    found.append(cell.entry)
        assert set(filled) == {(row, column) for row in range(len(day.rows)) for column in (0, 1)}
    assert sorted(found, key=lambda one: one.proposal_id) == entries
