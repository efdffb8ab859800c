import datetime as dt
import zoneinfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.imports import paste
from sessions.imports.paste import Pasted, RoomRow, SlotRow

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NINTH, TENTH = dt.date(2015, 11, 9), dt.date(2015, 11, 10)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def utc(day, hour, minute=0):
    return dt.datetime(2015, 11, day, hour, minute, tzinfo=dt.UTC)


def slots(pasted, **options):
    return paste.slots(pasted, **{"first_day": NINTH, "last_day": TENTH, "zone": BERLIN, **options})


def test_rooms_are_a_name_and_a_number_per_line():
    pasted = paste.rooms("Saal, 120\n\n Galerie ;40 \nWerkstatt, 18 Plätze\nHof\nSaal, Ost, 9\r\n")

    assert pasted.errors == ()
    assert pasted.rows == (
        RoomRow(1, "Saal", 120),
        RoomRow(3, "Galerie", 40),
        RoomRow(4, "Werkstatt", 18),
        RoomRow(5, "Hof", None),
        RoomRow(6, "Saal, Ost", 9),
    )


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("Saal, groß", "Line 1: “groß” is not a number of places. Write: Hall, 120"),
        (", 120", "Line 1: The room has no name. Write: Hall, 120"),
        ("Saal, 0", "Line 1: A room holds between 1 and 100000 people."),
        ("Saal, " + "9" * 5000, "Line 1: A room holds between 1 and 100000 people."),
        ("S" * 61, "Line 1: The name is longer than 60 characters."),
        ("Saal, 120\nsaal, 40", "Line 2: “saal” is in line 1 already."),
    ],
)
def test_rooms_say_which_line_cannot_be_read(line, error):
    assert paste.rooms(line).errors == (error,)


def test_more_lines_than_a_grid_can_hold_are_refused():
    assert paste.rooms("\n".join(f"Room {n}" for n in range(201))).errors == (
        "At most 200 lines at once.",
    )


@pytest.mark.parametrize(
    "line",
    [
        "9.11. 10:00–10:45",
        "09.11.2015 10:00-10:45",
        "9.11.15, 10.00 — 10.45",
        "Mo, 9.11. 10:00 Uhr bis 10:45 Uhr",
        "2015-11-09 10:00–10:45",
        "\u200e9.11. 10:00–10:45".replace("\u200e", "\u00a0"),
    ],
)
def test_slots_are_read_in_the_ways_people_write_times(line):
    assert slots(line).errors == ()
    assert slots(line).rows == (SlotRow(1, utc(9, 9), utc(9, 9, 45)),)


def test_a_title_makes_a_slot_a_break_or_a_plenary():
    rows = slots("9.11. 12:00-13:00 Mittagspause\n9.11. 9:00–9:45 Eröffnung").rows

    assert [(row.kind, row.title) for row in rows] == [
        ("break", "Mittagspause"),
        ("plenary", "Eröffnung"),
    ]


def test_an_event_of_one_day_needs_no_date():
    assert slots("10:00–10:45", last_day=NINTH).rows == (SlotRow(1, utc(9, 9), utc(9, 9, 45)),)
    assert slots("10:00–10:45").errors == (
        "Line 1: The date is missing: the event has more than one day.",
    )


def test_the_year_is_the_one_in_which_the_event_has_that_day():
    rows = slots(
        "31.12. 23:00–24:00\n1.1. 0:00–1:00",
        first_day=dt.date(2015, 12, 31),
        last_day=dt.date(2016, 1, 1),
    ).rows

    assert [row.starts_at.astimezone(BERLIN).year for row in rows] == [2015, 2016]
    assert rows[0].ends_at == rows[1].starts_at


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("irgendwann", "Line 1: This is no slot. Write: 9.11. 10:00–10:45"),
        ("9.11. 10:45–10:00", "Line 1: The slot ends before it starts."),
        ("9.11. 10:00–10:00", "Line 1: The slot ends before it starts."),
        ("9.11. 25:00–26:00", "Line 1: 25:00 is no time of day."),
        ("11.11. 10:00–10:45", "Line 1: This is not a day of the event."),
        ("9.11.2016 10:00–10:45", "Line 1: This is not a day of the event."),
        ("31.11. 10:00–10:45", "Line 1: There is no such date."),
        ("9.11. 10:00–10:45 " + "x" * 81, "Line 1: The title is longer than 80 characters."),
        ("9.11. 9:00–11:00\n9.11. 10:00–10:45", "Lines 1 and 2 overlap."),
    ],
)
def test_slots_say_which_line_cannot_be_read(line, error):
    assert slots(line).errors == (error,)


def test_times_that_the_clock_skips_or_repeats_are_refused():
    spring, autumn = dt.date(2015, 3, 29), dt.date(2015, 10, 25)

    assert slots("2:30–3:30", first_day=spring, last_day=spring).errors == (
        "Line 1: 2:30 does not exist on this day: clocks go forward.",
    )
    assert slots("1:00–2:30", first_day=autumn, last_day=autumn).errors == (
        "Line 1: 2:30 happens twice on this day: clocks go back.",
    )


def test_a_band_that_exists_is_kept_and_one_that_overlaps_it_is_refused():
    existing = [SlotRow(0, utc(9, 9), utc(9, 9, 45))]

    assert slots("9.11. 10:00–10:45", existing=existing).errors == ()
    assert slots("\n9.11. 10:30–11:15", existing=existing).errors == (
        "Line 2 overlaps the slot 09.11. 10:00–10:45.",
    )


def test_a_line_that_is_pasted_twice_counts_once():
    assert len(slots("9.11. 10:00–10:45\n9.11. 10:00-10:45").rows) == 1
    assert paste.rooms("Saal, 120\nSaal, 120") == Pasted((RoomRow(1, "Saal", 120),), ())


@given(pasted=st.text(max_size=300))
@settings(deadline=None)
def test_no_text_makes_the_reader_stumble(pasted):
    paste.rooms(pasted)
    slots(pasted)
