"""The draft as the planner's case, its suggestion, and what of it the draft still allows. Pure."""

import json
import uuid
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.scheduling import plans
from sessions.scheduling.cases import Case
from sessions.scheduling.changes import Spot
from sessions.scheduling.conflicts import conflicts, hard
from sessions.scheduling.fitting import Why, applied, sort_out
from sessions.scheduling.grid import Absence, Grid, Person, Placed, Room, Session, Slot, Span
from sessions.scheduling.plans import Shift
from sessions.scheduling.solver import Place, Reason
from tests.factories.program import hour

SAAL, GALERIE = Room(1, "Saal", 100), Room(2, "Galerie", 20)
ROOMS = (SAAL, GALERIE)


def span(start, minutes=45):
    return Span(hour(0, minutes=start), hour(0, minutes=start + minutes))


def slots(number, *, every=60, minutes=45):
    return tuple(Slot(10 + n, span(n * every, minutes)) for n in range(number))


def session(number, **fields):
    wanted = fields.pop("wanted", ())
    values = {"minutes": 45, "format": "impuls"} | fields
    return Session(number, f"s{number}", f"Topic {number}", interested=frozenset(wanted), **values)


def placed(one, room, at=0, *, minutes=None, **fields):
    return Placed(one, room, span(at, minutes or one.minutes), **fields)


def grid(*unplaced, on=(), **fields):
    return Grid(**({"rooms": ROOMS, "slots": slots(2)} | fields), placed=on, unplaced=unplaced)


def suggested(shown, *, seed=0, **fields):
    return plans.propose(Case(shown, **fields), seed=seed, seconds=0.03)


def spot(room, at, minutes=45):
    time = span(at, minutes)
    return Spot(room.id, room.name, time.starts_at, time.ends_at)


# --- The case -------------------------------------------------------------------------------


def test_case_counts_a_visitors_wish_half():
    case = Case(grid(session(1, wanted=[7, uuid.UUID(int=1)]), session(2, wanted=[7])))
    assert {(p.id, p.wants, p.weight) for p in case.instance.people} == {
        (7, frozenset({"s1", "s2"}), 1.0),
        (uuid.UUID(int=1), frozenset({"s1"}), 0.5),
    }


def test_case_knows_what_people_with_wishes_lead_themselves():
    aylin, jule = Person(7, "Aylin"), Person(8, "Jule")
    case = Case(grid(session(1, wanted=[7]), session(2, hosts=(aylin, jule))))
    (person,) = case.instance.people
    assert (person.wants, person.leads) == ({"s1"}, {"s2"})


def test_case_forgets_wishes_and_hosts_of_what_cannot_take_place():
    gone = session(1, wanted=[7], state="declined", hosts=(Person(5, "Aylin"),))
    case = Case(grid(on=(placed(gone, SAAL),)), improve=True)
    (planned,) = case.instance.sessions
    assert (planned.hosts, case.instance.people) == ((), ())
    assert case.instance.pinned == {"s1": Place(SAAL.id, 10)}


def test_case_holds_all_that_is_placed_when_only_gaps_are_filled():
    on = (placed(session(1), SAAL), placed(session(2), GALERIE, 60, pinned=True))
    case = Case(grid(session(3), on=on))
    assert case.instance.pinned == case.present == {"s1": Place(1, 10), "s2": Place(2, 11)}


def test_case_holds_the_pinned_and_the_published_when_it_improves():
    one, two, three = (session(n) for n in (1, 2, 3))
    on = (placed(one, SAAL), placed(two, GALERIE, pinned=True), placed(three, SAAL, 60))
    case = Case(grid(on=on), improve=True, published={1: spot(GALERIE, 60)})
    assert set(case.instance.pinned) == {"s1", "s2"}
    assert case.instance.published == {"s1": Place(GALERIE.id, 11)}


def test_case_ignores_a_published_place_that_is_gone():
    case = Case(
        grid(session(1), session(2)), published={1: spot(Room(9, "x"), 0), 2: spot(SAAL, 7)}
    )
    assert case.instance.published == {}


def test_case_gives_what_begins_off_the_slots_a_time_of_its_own():
    on = (placed(session(1, minutes=20), SAAL), placed(session(2, minutes=20), SAAL, 20))
    case = Case(grid(session(3), on=on))
    own = [slot for slot in case.instance.slots if isinstance(slot.id, str)]
    assert [(slot.minutes, slot.is_open) for slot in own] == [(20, False), (20, False)]
    assert case.present == {"s1": Place(1, "of s1"), "s2": Place(1, "of s2")}
    both = suggested(grid(on=(on[0], replace(on[1], session=session(2, minutes=20, wanted=[7])))))
    assert both.reach_now == 1


def test_case_closes_what_an_overlong_session_takes():
    on = (placed(session(1, minutes=45), SAAL, 0, minutes=90),)
    result = suggested(grid(session(2), session(3), session(4), on=on))
    assert [left.reason for left in result.left_over] == [Reason.FULL]
    assert {shift.after.room_id for shift in result.shifts} == {GALERIE.id}


def test_case_chains_slots_over_a_changeover_but_not_over_a_break_or_a_gap():
    day = (
        *slots(2),
        Slot(30, span(105, 30), "break"),
        Slot(31, span(135)),
        Slot(32, span(195)),
        Slot(33, span(256)),
    )
    assert Case(grid(slots=day)).instance.chains == ((10, 11), (31, 32), (33,))


def test_case_takes_absences_for_the_slots_that_they_touch():
    case = Case(grid(absences=(Absence(5, span(40, 20)), Absence(6, span(45, 15)))))
    assert case.instance.unavailable == {5: {10}}


def test_case_opens_only_slots_that_are_to_come_on_the_day():
    case = Case(grid(session(1)), since=hour(0, minutes=5))
    assert [slot.is_open for slot in case.instance.slots] == [False, True]


# --- The suggestion -------------------------------------------------------------------------


def test_same_seed_suggests_the_same():
    shown = grid(*(session(n, wanted=[n, n + 1]) for n in range(4)))
    assert suggested(shown, seed=3) == suggested(shown, seed=3)


def test_suggestion_says_what_goes_where_and_what_it_is_worth():
    shown = grid(*(session(n, wanted=wanted) for n, wanted in enumerate(([1, 2], [1], [2], []))))
    result = suggested(shown)
    assert {shift.before for shift in result.shifts} == {None}
    assert [shift.after.starts_at for shift in result.shifts] == [hour(0)] * 2 + [hour(1)] * 2
    assert (result.reach, result.reach_now, result.people) == (1, 0, 2)
    assert 0 < result.reach_random < 1
    assert (result.wishes, result.kept, result.missed, result.losing) == (4, 4, (), {})


def test_suggestion_names_who_loses_what():
    wanted = [7, 8, uuid.UUID(int=1)]
    shown = grid(session(1, wanted=wanted), session(2, wanted=wanted), slots=slots(1))
    result = suggested(shown)
    (missed,) = result.missed
    assert (missed.people, result.losing) == (3, {7: (missed.code,), 8: (missed.code,)})
    assert (result.losing_visitors, result.members, result.visitors) == (1, 2, 1)


def test_suggestion_says_why_a_session_gets_no_place():
    rooms = (SAAL, replace(GALERIE, features=frozenset({"beamer"})))
    aylin = Person(5, "Aylin")
    shown = grid(
        session(1, minutes=200),
        session(2, features=("Beamer", "Bühne")),
        session(3, hosts=(Person(6, "Jörg"),)),
        session(4, hosts=(aylin,)),
        session(5, hosts=(aylin,)),
        session(6, hosts=(aylin,)),
        session(7),
        session(8),
        session(9),
        rooms=rooms,
        absences=(Absence(6, span(0, 200)),),
    )
    left = {row.code: row for row in suggested(shown).left_over}
    assert left["s1"].reason is Reason.TOO_LONG
    assert (left["s2"].reason, left["s2"].missing) == (Reason.NO_ROOM, ("Bühne",))
    assert left["s3"].reason is Reason.HOST_AWAY
    assert Reason.HOST_BUSY in {left[code].reason for code in ("s4", "s5", "s6") if code in left}
    assert len(left) == 5


def test_suggestion_without_wishes_spreads_the_formats():
    shown = grid(*(session(n, format=("impuls", "workshop")[n // 2]) for n in range(4)))
    result = suggested(shown)
    by_time = {}
    for shift in result.shifts:
        by_time.setdefault(shift.after.starts_at, set()).add(shown.sessions[shift.code].format)
    assert (result.people, list(by_time.values())) == (0, [{"impuls", "workshop"}] * 2)


def test_suggestion_survives_json():
    shown = grid(session(1, wanted=[7]), session(2, wanted=[7]), session(3), slots=slots(1))
    result = suggested(shown)
    assert result.left_over
    assert result.losing
    assert plans.from_json(json.loads(json.dumps(plans.to_json(result)))) == result


MINUTES = st.sampled_from([15, 45, 60, 90])


@st.composite
def boards(draw):
    """Any board: sessions on and off the slots, hosts who are away, pins, breaks."""
    people = [Person(n, f"Host {n}") for n in range(3)]
    chosen = [
        session(
            n,
            minutes=draw(MINUTES),
            hosts=tuple(draw(st.sets(st.sampled_from(people), max_size=1))),
            wanted=draw(st.sets(st.integers(100, 104))),
        )
        for n in range(draw(st.integers(1, 7)))
    ]
    on, free = [], []
    for one in chosen:
        at, room = draw(st.sampled_from([None, 0, 15, 60, 120])), draw(st.sampled_from(ROOMS))
        place = placed(one, room, at or 0, pinned=draw(st.booleans()))
        taken = [other for other in on if other.room == room and other.span.overlaps(place.span)]
        free.append(one) if at is None or taken else on.append(place)
    day = (*slots(2), Slot(30, span(105, 15), "break"), Slot(31, span(120)))
    absences = tuple(Absence(p.id, span(60, 30)) for p in draw(st.sets(st.sampled_from(people))))
    return grid(*free, on=tuple(on), slots=day, absences=absences)


@settings(max_examples=60, deadline=None)
@given(boards(), st.booleans())
def test_plan_can_be_taken_over_wholly_and_makes_nothing_impossible(shown, improve):
    result = plans.propose(Case(shown, improve=improve), seed=1, seconds=0.002)
    found = sort_out(shown, result.shifts)
    assert found.fit == result.shifts
    after = applied(shown, found.fit)
    before = {(c.kind, *(p.session.id for p in c.places)) for c in hard(conflicts(shown))}
    now = {(c.kind, *(p.session.id for p in c.places)) for c in hard(conflicts(after))}
    assert now <= before
    moved = {shift.code for shift in result.shifts if shift.before}
    assert not {p.session.code for p in shown.placed if p.pinned or not improve} & moved
    assert set(after.sessions) == set(shown.sessions)


# --- What the draft still allows ------------------------------------------------------------


ONE, TWO, THREE = session(1), session(2), session(3)
UP = Shift("s1", "Topic 1", None, spot(SAAL, 0))
OVER = Shift("s2", "Topic 2", spot(SAAL, 0), spot(GALERIE, 60))


def refusals(shown, *shifts):
    return {one.shift.code: (one.why, one.by) for one in sort_out(shown, shifts).refused}


def test_shift_into_a_place_that_is_left_fits_and_is_refused_if_that_one_stays():
    shown = grid(ONE, on=(placed(TWO, SAAL),))
    assert sort_out(shown, [UP, OVER]).fit == (UP, OVER)
    assert refusals(shown, UP) == {"s1": (Why.TAKEN, "Topic 2")}


def test_shift_that_is_refused_keeps_its_place_from_others_in_turn():
    shown = grid(ONE, on=(placed(TWO, SAAL), placed(THREE, GALERIE, 60)))
    assert refusals(shown, UP, OVER) == {
        "s1": (Why.TAKEN, "Topic 2"),
        "s2": (Why.TAKEN, "Topic 3"),
    }


def test_shift_says_what_has_changed_since():
    up = {"s1": Why.CHANGED}
    assert {k: w for k, (w, _) in refusals(grid(on=(placed(ONE, SAAL, 60),)), UP).items()} == up
    over = grid(on=(placed(TWO, SAAL, pinned=True),))
    assert refusals(over, OVER)["s2"][0] is Why.PINNED
    assert refusals(grid(on=(placed(ONE, SAAL),)), UP)["s1"][0] is Why.DONE
    assert refusals(grid(), UP)["s1"][0] is Why.GONE
    assert refusals(grid(replace(ONE, minutes=30)), UP)["s1"][0] is Why.LENGTH
    assert refusals(grid(ONE, rooms=(GALERIE,)), UP)["s1"][0] is Why.NO_PLACE
    assert refusals(grid(ONE, slots=(Slot(30, span(0), "break"),)), UP)["s1"][0] is Why.NO_PLACE
    declined = replace(TWO, state="declined")
    assert refusals(grid(on=(placed(declined, SAAL),)), OVER)["s2"][0] is Why.GONE


def test_applied_grid_has_everything_where_the_plan_puts_it():
    shown = grid(ONE, on=(placed(TWO, SAAL), placed(THREE, SAAL, 60)))
    after = applied(shown, [UP, OVER, Shift("s3", "Topic 3", spot(SAAL, 60), None)])
    assert [(p.session, p.room, p.span) for p in after.placed] == [
        (ONE, SAAL, span(0)),
        (TWO, GALERIE, span(60)),
    ]
    assert after.unplaced == (THREE,)
