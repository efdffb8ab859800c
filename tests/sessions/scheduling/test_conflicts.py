"""Conflicts are values of one pure function; a naive comparison of all pairs is the oracle."""

import datetime as dt
import zoneinfo
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.scheduling import conflicts as rules
from sessions.scheduling.conflicts import (
    AudienceTwice,
    FeatureMissing,
    HostAway,
    HostTwice,
    NotAccepted,
    OverBreak,
    OverPlenary,
    RoomTooSmall,
    RoomTwice,
    conflicts,
)
from sessions.scheduling.grid import Absence, Grid, Person, Placed, Room, Session, Slot, Span

NINE = dt.datetime(2026, 11, 9, 8, 0, tzinfo=dt.UTC)
AYLIN, JOERG = Person(1, "Aylin Kaya"), Person(2, "Jörg Müßig")
SAAL, GALERIE = Room(1, "Saal", 120), Room(2, "Galerie", 30)


def span(start: int, minutes: int = 45) -> Span:
    """``start`` minutes after nine."""
    begin = NINE + dt.timedelta(minutes=start)
    return Span(begin, begin + dt.timedelta(minutes=minutes))


def placed(number, *, room=SAAL, at=0, minutes=45, hosts=(), interested=(), **fields) -> Placed:
    session = Session(
        id=number,
        code=f"s{number}",
        title=f"Session {number}",
        format="impuls",
        minutes=minutes,
        hosts=tuple(hosts),
        interested=frozenset(interested),
        **fields,
    )
    return Placed(session, room, span(at, minutes))


def found(*places, **fields):
    return conflicts(Grid(rooms=(SAAL, GALERIE), placed=places, **fields))


def test_room_holds_two_sessions_at_once():
    one, two = placed(1), placed(2, at=30)
    assert found(one, two) == (RoomTwice(one, two),)


def test_sessions_that_follow_each_other_touch_without_a_conflict():
    assert found(placed(1, hosts=[AYLIN]), placed(2, at=45, hosts=[AYLIN])) == ()


def test_host_leads_two_sessions_at_once():
    one = placed(1, hosts=[AYLIN, JOERG])
    two = placed(2, room=GALERIE, at=44, hosts=[AYLIN])
    assert found(one, two) == (HostTwice(one, two, AYLIN),)


def test_host_is_away():
    one = placed(1, hosts=[JOERG])
    away, at_home = Absence(JOERG.id, span(40)), Absence(JOERG.id, span(45))
    assert found(one, absences=(away, at_home)) == (HostAway(one, JOERG, away),)


def test_room_is_smaller_than_the_interest():
    full = placed(1, room=GALERIE, interested=range(30))
    crowded = placed(2, room=GALERIE, at=60, interested=range(31))
    assert found(full, crowded) == (RoomTooSmall(crowded),)
    assert RoomTooSmall(crowded).weight == 1


def test_room_of_unknown_size_is_never_too_small():
    assert found(placed(1, room=Room(3, "Wiese"), interested=range(1000))) == ()


def test_people_want_two_sessions_at_once():
    one = placed(1, interested=[1, 2, 3])
    two = placed(2, room=GALERIE, interested=[2, 3, 4])
    assert found(one, two) == (AudienceTwice(one, two, 2),)


def test_placed_session_is_not_accepted_any_more():
    cancelled = placed(1, state="cancelled")
    hidden = placed(2, room=GALERIE, is_public=False)
    confirmed = placed(3, at=60, state="confirmed")
    assert found(cancelled, hidden, confirmed) == (NotAccepted(cancelled), NotAccepted(hidden))


def test_session_runs_over_a_break_softly_and_over_a_plenary_hard():
    long = placed(1, minutes=90)
    lunch = Slot(1, span(45, 30), "break", "Lunch")
    opening = Slot(2, span(75, 30), "plenary", "Opening")
    assert found(long, slots=(lunch, opening)) == (
        OverPlenary(long, opening),
        OverBreak(long, lunch),
    )


def test_room_lacks_what_the_session_needs_whatever_the_case():
    hall = Room(1, "Saal", features=frozenset({"beamer"}))
    one = placed(1, room=hall, features=("Beamer", "Flipchart"))
    assert found(one) == (FeatureMissing(one, ("Flipchart",)),)


def test_conflicts_stand_hard_first_and_then_by_the_people_they_cost():
    one = placed(1, hosts=[AYLIN], interested=range(40))
    two = placed(2, room=GALERIE, hosts=[AYLIN], interested=range(35))
    assert [conflict.kind for conflict in found(one, two)] == [
        "host_twice",
        "audience_twice",
        "room_too_small",
    ]


def test_hour_that_the_clock_repeats_is_two_hours():
    """On 25 October 2026 half past two comes twice in Berlin, an hour apart."""
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    places = [
        Placed(
            placed(number).session,
            SAAL,
            Span(start.astimezone(dt.UTC), start.astimezone(dt.UTC) + dt.timedelta(minutes=45)),
        )
        for number, start in ((1, first), (2, first.replace(fold=1)))
    ]
    assert found(*places) == ()


# --- Against an oracle that compares everything with everything -----------------------------

people = st.integers(1, 4)
places = st.builds(
    placed,
    st.integers(1, 10**6),
    room=st.sampled_from(
        [Room(1, "Saal", 2, frozenset({"beamer"})), Room(2, "Galerie", 0), Room(3, "Wiese")]
    ),
    features=st.sampled_from([(), ("beamer",)]),
    at=st.integers(0, 12).map(lambda quarter: quarter * 15),
    minutes=st.sampled_from([15, 30, 45, 90]),
    hosts=st.frozensets(people.map(lambda pk: Person(pk, f"Person {pk}")), max_size=2),
    interested=st.frozensets(people),
    state=st.sampled_from(["accepted", "confirmed", "cancelled", "open"]),
)
grids = st.builds(
    Grid,
    slots=st.lists(
        st.builds(
            lambda number, kind: Slot(number, span(number * 45), kind),
            st.integers(0, 5),
            st.sampled_from(["sessions", "break", "plenary"]),
        ),
        unique_by=lambda slot: slot.id,
    ).map(tuple),
    placed=st.lists(places, max_size=12, unique_by=lambda place: place.session.id).map(tuple),
    absences=st.lists(
        st.builds(Absence, people, st.integers(0, 12).map(lambda quarter: span(quarter * 15))),
        max_size=3,
        unique=True,
    ).map(tuple),
)


def naive(grid: Grid) -> set[tuple]:
    """Facts by brute force over minutes: who is where in each quarter of an hour."""
    facts = set()

    def ticks(one: Span) -> set[dt.datetime]:
        quarter = dt.timedelta(minutes=15)
        return {
            one.starts_at + number * quarter
            for number in range(int((one.ends_at - one.starts_at) / quarter))
        }

    for one, two in combinations(grid.placed, 2):
        if not ticks(one.span) & ticks(two.span):
            continue
        pair = frozenset({one.session.id, two.session.id})
        if one.room == two.room:
            facts.add(("room_twice", pair, None))
        for host in set(one.session.hosts) & set(two.session.hosts):
            facts.add(("host_twice", pair, host.id))
        if both := one.session.interested & two.session.interested:
            facts.add(("audience_twice", pair, len(both)))
    for one in grid.placed:
        alone = frozenset({one.session.id})
        for absence in grid.absences:
            leads = absence.person_id in {host.id for host in one.session.hosts}
            if leads and ticks(absence.span) & ticks(one.span):
                facts.add(("host_away", alone, absence))
        for slot in grid.slots:
            if slot.kind != "sessions" and ticks(slot.span) & ticks(one.span):
                facts.add((f"over_{slot.kind}", alone, slot.id))
        if one.session.state not in ("accepted", "confirmed"):
            facts.add(("not_accepted", alone, None))
        if set(one.session.features) - one.room.features:
            facts.add(("feature_missing", alone, None))
        if one.room.capacity is not None and len(one.session.interested) > one.room.capacity:
            facts.add(("room_too_small", alone, None))
    return facts


def fact(conflict) -> tuple:
    details = {
        "host_twice": lambda: conflict.host.id,
        "host_away": lambda: conflict.absence,
        "audience_twice": lambda: conflict.people,
        "over_break": lambda: conflict.slot.id,
        "over_plenary": lambda: conflict.slot.id,
    }
    detail = details.get(conflict.kind, lambda: None)()
    return conflict.kind, frozenset(place.session.id for place in conflict.places), detail


@settings(max_examples=300, deadline=None)
@given(grids)
def test_conflicts_are_those_of_a_naive_comparison(grid):
    result = conflicts(grid)
    assert {fact(conflict) for conflict in result} == naive(grid)
    assert len(result) == len(naive(grid))
    assert [conflict.hard for conflict in result] == sorted(
        (conflict.hard for conflict in result), reverse=True
    )
    assert rules.hard(result) + rules.soft(result) == result


@given(grids)
def test_conflicts_do_not_depend_on_the_order_of_the_grid(grid):
    turned = Grid(grid.rooms, grid.slots[::-1], grid.placed[::-1], (), grid.absences[::-1])
    assert {fact(conflict) for conflict in conflicts(turned)} == {
        fact(conflict) for conflict in conflicts(grid)
    }
