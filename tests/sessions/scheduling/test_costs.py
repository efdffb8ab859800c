"""What places and swaps cost the session that is held."""

import datetime as dt
from dataclasses import replace

from sessions.scheduling.costs import FREE, Cost, Costs
from sessions.scheduling.grid import Absence, Grid, Person, Placed, Room, Slot, Span
from tests.sessions.scheduling.test_boards import GALERIE, NINE, SAAL, SLOTS, session, span

AYLIN, BERND = Person(1, "Aylin Kaya"), Person(2, "Bernd Ott")


def crowd(*people):
    return frozenset(people)


def costs(*placed, absences=(), slots=SLOTS):
    return Costs(Grid((SAAL, GALERIE), slots, placed, (), absences))


def at(minutes):
    return NINE + dt.timedelta(minutes=minutes)


def test_place_without_any_drawback_is_free():
    elsewhere = Placed(session(2, interested=crowd(8), hosts=(BERND,)), SAAL, span(0))
    held = session(1, interested=crowd(7), hosts=(AYLIN,))
    assert costs(elsewhere).of_place(held, GALERIE, at(0)) == FREE
    assert not FREE


def test_person_who_wants_several_things_at_the_time_counts_once():
    placed = (
        Placed(session(2, interested=crowd(1, 2, 9)), SAAL, span(0)),
        Placed(session(3, interested=crowd(2, 3)), Room(3, "Garten"), span(30)),
        Placed(session(4, interested=crowd(4)), Room(4, "Flur"), span(60)),
    )
    held = session(1, interested=crowd(1, 2, 3, 4))
    assert costs(*placed).of_place(held, GALERIE, at(0)) == Cost(people=3)


def test_seats_that_are_missing_are_counted():
    held = session(1, interested=crowd(*range(42)))
    assert costs().of_place(held, GALERIE, at(0)) == Cost(seats=12)
    assert costs().of_place(held, SAAL, at(0)) == FREE
    assert costs().of_place(held, Room(9, "Wiese"), at(0)) == FREE


def test_host_who_is_busy_or_away_is_named_and_it_is_hard():
    busy = Placed(session(2, hosts=(AYLIN,)), SAAL, span(0))
    found = costs(busy, absences=(Absence(BERND.id, span(60)),))
    held = session(1, hosts=(AYLIN, BERND))
    assert found.of_place(held, GALERIE, at(0)) == Cost(busy=(AYLIN,))
    assert found.of_place(held, GALERIE, at(60)) == Cost(away=(BERND,))
    assert found.of_place(held, GALERIE, at(60)).hard
    assert not Cost(people=7, seats=12).hard


def test_features_that_the_room_lacks_are_named():
    held = session(1, features=("Beamer",))
    equipped = replace(GALERIE, features=frozenset({"beamer"}))
    assert costs().of_place(held, GALERIE, at(0)) == Cost(features=("Beamer",))
    assert costs().of_place(held, equipped, at(0)) == FREE


def test_plenary_is_hard_and_a_break_is_not():
    plenary, pause = Slot(8, span(45, 15), "plenary"), Slot(9, span(105, 30), "break")
    found = costs(slots=(plenary, pause))
    over_plenary = found.of_place(session(1), SAAL, at(30))
    over_break = found.of_place(session(1), SAAL, at(90))
    assert (over_plenary, over_plenary.hard) == (Cost(over=(plenary,)), True)
    assert (over_break, over_break.hard) == (Cost(over=(pause,)), False)


def test_own_present_place_costs_nothing():
    own = Placed(session(1, interested=crowd(1), hosts=(AYLIN,)), SAAL, span(0))
    assert costs(own).of_place(own.session, GALERIE, at(15)) == FREE


def test_swap_costs_what_both_lose():
    one = Placed(session(1, interested=crowd(1, 2), hosts=(AYLIN,)), SAAL, span(0))
    two = Placed(session(2, interested=crowd(*range(10, 42))), SAAL, span(60))
    beside_one = Placed(session(3, interested=crowd(10, 11)), GALERIE, span(0))
    beside_two = Placed(session(4, interested=crowd(1), hosts=(AYLIN,)), GALERIE, span(60))
    found = costs(one, two, beside_one, beside_two)
    assert found.of_swap(one.session, two) == Cost(people=3, busy=(AYLIN,))
    small = replace(one, room=GALERIE)
    assert costs(small, two).of_swap(one.session, two) == Cost(seats=2)


def test_swap_within_one_time_costs_who_wants_both_once():
    one = Placed(session(1, interested=crowd(1, 2)), SAAL, span(0))
    two = Placed(session(2, interested=crowd(2, 3)), GALERIE, span(0))
    assert costs(one, two).of_swap(one.session, two) == Cost(people=1)


def test_waiting_session_that_pushes_another_out_costs_only_its_own():
    two = Placed(session(2, interested=crowd(1, 2, 3)), SAAL, span(0))
    beside = Placed(session(3, interested=crowd(1)), GALERIE, span(0))
    held = session(1, interested=crowd(1, 2))
    assert costs(two, beside).of_swap(held, two) == Cost(people=1)


class Counted(Span):
    """A time that counts how often it was compared."""

    asked = 0

    def overlaps(self, other):
        type(self).asked += 1
        return super().overlaps(other)


def test_costs_look_once_per_time_and_not_once_per_cell():
    """40 times with 10 rooms each: every time is compared with 200 sessions, once."""
    rooms = tuple(Room(number, f"Raum {number}", 40) for number in range(10))
    placed = tuple(
        Placed(session(number), rooms[number % 10], Counted(*_ends(60 * (number // 10))))
        for number in range(200)
    )
    found = Costs(Grid(rooms, SLOTS, placed))
    Counted.asked = 0
    for start in range(40):
        for room in rooms:
            found.of_place(session(999), room, at(60 * start))
    assert Counted.asked == 40 * 200


def _ends(start):
    found = span(start)
    return found.starts_at, found.ends_at
