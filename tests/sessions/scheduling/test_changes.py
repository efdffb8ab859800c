"""The difference of two programmes."""

import datetime as dt

import pytest

from sessions.scheduling import changes
from sessions.scheduling.changes import Added, Changes, Moved, Removed, Spot
from tests.factories import PlacementFactory, ScheduleFactory
from tests.factories.program import during, hour


def spot(start: int, room: int = 1, name: str = "Saal") -> Spot:
    return Spot(room, name, hour(start), hour(start) + dt.timedelta(minutes=45))


def test_difference_tells_added_moved_and_removed():
    before = {1: spot(0), 2: spot(1), 3: spot(2)}
    after = {2: spot(1), 3: spot(2, room=2), 4: spot(3)}
    assert changes.difference(before, after) == Changes(
        added=(Added(4, spot(3)),),
        moved=(Moved(3, spot(2), spot(2, room=2)),),
        removed=(Removed(1, spot(0)),),
    )


def test_difference_of_the_same_is_nothing():
    assert not changes.difference({1: spot(0)}, {1: spot(0)})


def test_longer_session_has_moved():
    longer = Spot(1, "Saal", hour(0), hour(2))
    assert changes.difference({1: spot(0)}, {1: longer}).moved == (Moved(1, spot(0), longer),)


def test_renamed_room_moves_nobody():
    assert not changes.difference({1: spot(0)}, {1: spot(0, name="Großer Saal")})


def test_difference_is_told_by_time():
    after = {1: spot(3), 2: spot(1), 3: spot(2)}
    assert [change.proposal_id for change in changes.difference({}, after)] == [2, 3, 1]


@pytest.mark.django_db
def test_version_is_compared_with_the_one_before():
    old = PlacementFactory(schedule__version=1, during=during(hour(1)))
    event = old.schedule.event
    second, third = (ScheduleFactory(event=event, version=number) for number in (2, 3))
    PlacementFactory(schedule=second, proposal=old.proposal, room=old.room, during=old.during)
    PlacementFactory(schedule=third, proposal=old.proposal, room=old.room, during=during(hour(2)))
    assert [len(changes.of_version(version).added) for version in (old.schedule, second)] == [1, 0]
    assert not changes.of_version(second)
    (moved,) = changes.of_version(third).moved
    assert (moved.before.starts_at, moved.after.starts_at) == (hour(1), hour(2))
