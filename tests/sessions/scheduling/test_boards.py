"""The board as values: days, cells, and where a held session may go."""

import datetime as dt
import zoneinfo

import pytest

from sessions.scheduling.boards import board
from sessions.scheduling.grid import Grid, Person, Placed, Room, Session, Slot, Span

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NINE = dt.datetime(2026, 11, 9, 8, 0, tzinfo=dt.UTC)
SAAL, GALERIE = Room(1, "Saal", 120), Room(2, "Galerie", 30)


def span(start, minutes=45):
    begin = NINE + dt.timedelta(minutes=start)
    return Span(begin, begin + dt.timedelta(minutes=minutes))


def session(number, minutes=45, **fields):
    return Session(number, f"s{number}", f"Session {number}", "impuls", minutes, **fields)


def slot(number, start, minutes=45, kind="sessions"):
    return Slot(number, span(start, minutes), kind)


SLOTS = (slot(1, 0), slot(2, 60), slot(3, 105, 30, "break"), slot(4, 135))


def grid(*placed, unplaced=(), slots=SLOTS):
    return Grid((SAAL, GALERIE), slots, placed, unplaced)


def offers(shown):
    return [
        (cell.room.name, int((cell.offer.starts_at - NINE).total_seconds() / 60))
        for day in shown.days
        for row in day.rows
        for cell in row.cells
        if cell.offer
    ]


def test_days_are_those_of_the_place_of_the_event():
    late = Slot(9, Span(NINE.replace(hour=22), NINE.replace(hour=23)))
    after_midnight = Slot(10, Span(NINE.replace(hour=23), NINE.replace(hour=23, minute=45)))
    days = board(Grid((SAAL,), (SLOTS[0], late, after_midnight)), zone=BERLIN).days
    assert [(day.date.day, len(day.rows)) for day in days] == [(9, 2), (10, 1)]


def test_nothing_is_offered_while_nothing_is_held():
    assert offers(board(grid(unplaced=(session(1),)), zone=BERLIN)) == []


def test_held_session_is_offered_every_free_cell_but_breaks():
    taken = Placed(session(2), SAAL, span(0))
    shown = board(grid(taken, unplaced=(session(1),)), zone=BERLIN, held="s1")
    assert offers(shown) == [
        ("Galerie", 0),
        ("Saal", 60),
        ("Galerie", 60),
        ("Saal", 135),
        ("Galerie", 135),
    ]
    assert shown.first_offer.room == GALERIE


def test_held_session_is_not_offered_where_the_next_one_begins_too_early():
    next_one = Placed(session(2), SAAL, span(60))
    shown = board(grid(next_one, unplaced=(session(1, 90),)), zone=BERLIN, held="s1")
    assert [place for place in offers(shown) if place[0] == "Saal"] == [("Saal", 135)]


def test_held_session_is_offered_the_rest_of_a_slot_that_suffices():
    short = Placed(session(2, 15), SAAL, span(0, 15))
    shown = board(grid(short, unplaced=(session(1, 30),)), zone=BERLIN, held="s1")
    assert offers(shown)[0] == ("Saal", 15)
    shown = board(grid(short, unplaced=(session(1, 31),)), zone=BERLIN, held="s1")
    assert offers(shown)[0] == ("Galerie", 0)


def test_held_session_is_not_offered_its_own_place_but_may_overlap_it():
    own = Placed(session(1, 90), SAAL, span(0, 90))
    shown = board(grid(own), zone=BERLIN, held="s1")
    assert offers(shown)[:2] == [("Galerie", 0), ("Saal", 60)]
    assert shown.held_place == own


def test_pinned_session_cannot_be_held():
    own = Placed(session(1), SAAL, span(0), pinned=True)
    assert board(grid(own), zone=BERLIN, held="s1").held is None


@pytest.mark.parametrize("code", ["", "s9", "\x00", "s1/2"])
def test_unknown_session_cannot_be_held(code):
    assert board(grid(unplaced=(session(1),)), zone=BERLIN, held=code).held is None


def test_other_sessions_may_be_swapped_with_the_held_one_unless_pinned():
    held, other = Placed(session(1), SAAL, span(0)), Placed(session(2), GALERIE, span(0))
    pinned = Placed(session(3), SAAL, span(60), pinned=True)
    shown = board(grid(held, other, pinned), zone=BERLIN, held="s1")
    entries = {
        entry.place.session.code: (entry.is_held, entry.may_swap)
        for row in shown.days[0].rows
        for cell in row.cells
        for entry in cell.entries
    }
    assert entries == {"s1": (True, False), "s2": (False, True), "s3": (False, False)}


def test_session_over_two_slots_and_a_break_runs_on_in_them():
    long = Placed(session(1, 120), SAAL, span(0, 120))
    rows = board(grid(long), zone=BERLIN).days[0].rows
    assert [
        (row.slot.id, [entry.runs_on for cell in row.cells for entry in cell.entries])
        for row in rows
    ] == [(1, [False]), (2, [True]), (3, [True]), (4, [])]


def test_entry_counts_its_conflicts():
    aylin = Person(1, "Aylin Kaya")
    one = Placed(session(1, hosts=(aylin,), interested=frozenset({7})), SAAL, span(0))
    two = Placed(session(2, hosts=(aylin,), interested=frozenset({7})), GALERIE, span(0))
    shown = board(grid(one, two), zone=BERLIN)
    first, second = (cell.entries[0] for cell in shown.days[0].rows[0].cells)
    assert (first.hard, first.soft, second.hard, second.soft) == (1, 1, 1, 1)
    assert (len(shown.hard), len(shown.soft)) == (1, 1)
