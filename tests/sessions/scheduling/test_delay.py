"""The day is late: slots and sessions move in one step that one undo takes back."""

import datetime as dt

import pytest

from sessions.models import Delay, Move, Unavailability
from sessions.scheduling import delay, grid, moves, publish, undo, watching
from sessions.scheduling.conflicts import HostAway
from sessions.scheduling.delay import Lag
from tests.factories import (
    EventFactory,
    PlacementFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db

QUARTER = dt.timedelta(minutes=15)


@pytest.fixture
def event():
    event = EventFactory()
    for number in range(3):
        SlotFactory(event=event, number=number, ends_at=hour(number + 1))
    SlotFactory(event=event, number=3, kind="plenary", title="Finale")
    SlotFactory(event=event, number=24)
    return event


@pytest.fixture
def places(event):
    """At 9:00, 10:00 (pinned) and 11:00 in one room, the last one until the plenary."""
    draft = ScheduleFactory(event=event)
    room = RoomFactory(event=event)
    return [
        PlacementFactory(
            schedule=draft, room=room, during=during(hour(number), 60), pinned=number == 1
        )
        for number in range(3)
    ]


@pytest.fixture
def aylin():
    return UserFactory()


def starts(event):
    return list(event.slots.chronological().values_list("starts_at", flat=True))


def placed(places):
    for place in places:
        place.refresh_from_db()
    return [place.during.lower for place in places]


def shift(event, minutes, by, since=None, makes_up=None):
    since = since or hour(1)
    return delay.shift(event, Lag(since, minutes, makes_up), by=by, now=NOW)


def test_shift_moves_the_rest_of_the_day_pinned_or_not(event, places, aylin):
    shift(event, 15, aylin)
    assert starts(event) == [hour(0), *(hour(n) + QUARTER for n in (1, 2, 3)), hour(24)]
    assert placed(places) == [hour(0), hour(1) + QUARTER, hour(2) + QUARTER]
    assert places[1].pinned
    rows = Move.objects.all()
    assert {row.kind for row in rows} == {"delayed"}
    assert {row.step for row in rows} == {Delay.objects.get().step}


def test_one_undo_takes_sessions_and_slots_back_and_redo_along_again(event, places, aylin):
    before = starts(event), placed(places)
    shift(event, 15, aylin)
    late = starts(event), placed(places)
    undo.undo(event, by=aylin, now=NOW)
    assert (starts(event), placed(places)) == before
    undo.redo(event, by=aylin, now=NOW)
    assert (starts(event), placed(places)) == late


def test_minus_brings_the_day_back_to_the_plan(event, places, aylin):
    before = starts(event), placed(places)
    shift(event, 15, aylin)
    shift(event, -15, aylin, since=hour(1) + QUARTER)
    assert (starts(event), placed(places)) == before


def test_shift_is_refused_where_what_stays_is_in_the_way(event, places, aylin):
    before = starts(event), placed(places)
    with pytest.raises(delay.InTheWay):
        shift(event, -15, aylin)
    with pytest.raises(delay.NothingLater):
        shift(event, 15, aylin, since=hour(8))
    assert (starts(event), placed(places)) == before
    assert not Move.objects.exists()


def test_outlook_says_what_would_happen_and_changes_nothing(event, places, aylin):
    Unavailability.objects.create(
        event=event, person=places[2].proposal.pitch.owner, during=during(hour(3), 60)
    )
    seen = delay.outlook(event, grid.load(event), Lag(hour(1), 15))
    assert (seen.sessions, len(seen.slots), seen.is_blocked) == (2, 3, False)
    end = hour(3, minutes=45)
    assert seen.ends_at == (end, end + QUARTER)
    ((before, after),) = seen.gatherings
    assert (before.title, after.span.starts_at) == ("Finale", hour(3) + QUARTER)
    assert [type(conflict) for conflict in seen.conflicts] == [HostAway]
    assert delay.outlook(event, grid.load(event), Lag(hour(1), -15)).is_blocked
    assert starts(event)[1] == hour(1)


def test_live_delay_is_one_version_that_says_so_even_with_a_host_away(event, places, aylin):
    event.live = True
    event.save()
    publish.publish(event, by=None, changelog="", now=NOW)
    Unavailability.objects.create(
        event=event, person=places[2].proposal.pitch.owner, during=during(hour(3), 60)
    )
    shift(event, 15, aylin)
    version = event.schedules.get(version=2)
    assert version.changelog == "From 10:00 on everything begins 15 minutes later."
    assert [place.sequence for place in version.placements.chronological()] == [0, 1, 1]
    undo.undo(event, by=aylin, now=NOW)
    assert event.schedules.published().count() == 3


# --- A break makes up for it -----------------------------------------------------------------


def finale(event):
    """The plenary from 12:00 to 12:45, as forms hand it on."""
    return next(slot for slot in grid.slots_of(event) if slot.title == "Finale")


def test_break_makes_up_for_it_and_undo_and_redo_know(event, places, aylin):
    SlotFactory(event=event, number=4)
    before = starts(event), placed(places)
    shift(event, 15, aylin, makes_up=finale(event))
    late = starts(event), placed(places)
    assert late == (
        [hour(0), *(hour(n) + QUARTER for n in (1, 2, 3)), hour(4), hour(24)],
        [hour(0), hour(1) + QUARTER, hour(2) + QUARTER],
    )
    assert finale(event).span.ends_at == hour(3, minutes=45)
    undo.undo(event, by=aylin, now=NOW)
    assert (starts(event), placed(places)) == before
    undo.redo(event, by=aylin, now=NOW)
    assert (starts(event), placed(places)) == late
    shift(event, -15, aylin, since=hour(1) + QUARTER, makes_up=finale(event))
    assert (starts(event), placed(places)) == before


def test_break_that_is_too_short_makes_up_for_nothing(event, places, aylin):
    with pytest.raises(delay.InTheWay):
        shift(event, 45, aylin, makes_up=finale(event))
    assert Lag(hour(1), 45, finale(event)).is_too_long
    assert not Delay.objects.exists()


def test_outlook_says_that_the_day_ends_as_planned(event, places):
    seen = delay.outlook(event, grid.load(event), Lag(hour(1), 15, finale(event)))
    assert (seen.sessions, len(seen.slots), seen.ends_at, seen.is_blocked) == (2, 3, None, False)
    ((_before, after),) = seen.gatherings
    assert (after.span.starts_at, after.span.ends_at) == (hour(3) + QUARTER, hour(3, minutes=45))


# --- Without sessions ------------------------------------------------------------------------


def test_delay_of_empty_slots_is_undone_in_its_turn(event, places, aylin):
    before = starts(event)
    token = places[2].token
    moves.unplace(places[2].proposal, expected=token, by=aylin, now=NOW - QUARTER)
    shift(event, 15, aylin, since=hour(2))
    later = NOW + QUARTER
    assert undo.undo(event, by=aylin, now=later) == []
    assert starts(event) == before
    assert [row.kind for row in undo.undo(event, by=aylin, now=later)] == ["unplaced"]
    assert watching.pulse(event, by=aylin).may_redo
    undo.redo(event, by=aylin, now=later)
    assert starts(event) == before
    undo.redo(event, by=aylin, now=later)
    assert starts(event)[2] == hour(2) + QUARTER
    pulse = watching.pulse(event, by=aylin)
    assert (pulse.may_undo, pulse.may_redo) == (True, False)
