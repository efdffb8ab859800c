"""The board's grid: what it holds, in which order, and for how many queries."""

import datetime as dt

import pytest

from sessions.models import Unavailability
from sessions.scheduling import grid
from sessions.scheduling.grid import Absence, Person, Span
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import during, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory()


@pytest.fixture
def draft(event):
    return ScheduleFactory(event=event)


def test_grid_holds_rooms_in_order_and_slots_by_time(event):
    second, first = RoomFactory(event=event, position=2), RoomFactory(event=event, position=1)
    late, early = SlotFactory(event=event, number=3), SlotFactory(event=event, number=1)
    RoomFactory(), SlotFactory()
    loaded = grid.load(event)
    assert [room.id for room in loaded.rooms] == [first.pk, second.pk]
    assert [slot.id for slot in loaded.slots] == [early.pk, late.pk]


def test_session_carries_hosts_and_everyone_who_is_interested(event):
    proposal = ProposalFactory(accepted=True, pitch__event=event, title="Own", minutes=90)
    second = HostFactory(pitch=proposal.pitch)
    HostFactory(pitch=proposal.pitch, state="invited")
    member = InterestFactory(proposal=proposal)
    visitor = InterestFactory(proposal=proposal, anonymous=True)
    (session,) = grid.load(event).unplaced
    assert session.title == "Own"
    assert session.minutes == 90
    assert session.hosts == (
        Person(proposal.pitch.owner_id, proposal.pitch.owner.profile.name),
        Person(second.person_id, second.person.profile.name),
    )
    assert session.interested == {member.user_id, visitor.visitor}


def test_placed_session_stands_in_its_room_and_time(event, draft):
    placement = PlacementFactory(schedule=draft, during=during(hour(2), 90), pinned=True)
    ScheduleFactory(event=event, version=1)
    loaded = grid.load(event)
    (place,) = loaded.placed
    assert place.session.code == placement.proposal.code
    assert place.room.id == placement.room_id
    assert place.span == Span(hour(2), hour(3, minutes=30))
    assert place.token == placement.token
    assert place.pinned
    assert loaded.unplaced == ()


def test_session_over_two_slots_is_in_both_cells(event, draft):
    first, second = SlotFactory(event=event, number=1), SlotFactory(event=event, number=2)
    SlotFactory(event=event, number=3)
    PlacementFactory(schedule=draft, during=during(hour(1), 90))
    loaded = grid.load(event)
    touched = [slot.id for slot in loaded.slots if loaded.in_cell(slot, loaded.rooms[0])]
    assert touched == [first.pk, second.pk]


def test_placed_session_outside_every_slot_is_astray(event, draft):
    SlotFactory(event=event, number=1)
    PlacementFactory(schedule=draft, during=during(hour(1)))
    lost = PlacementFactory(schedule=draft, during=during(hour(5)))
    assert [place.session.id for place in grid.load(event).astray] == [lost.proposal_id]


def test_unplaced_stand_by_interest(event):
    quiet, wanted = (ProposalFactory(accepted=True, pitch__event=event) for _ in range(2))
    InterestFactory(proposal=wanted)
    assert [session.id for session in grid.load(event).unplaced] == [wanted.pk, quiet.pk]


def test_only_accepted_and_confirmed_of_public_pitches_wait_to_be_placed(event):
    states = ("open", "waitlisted", "declined", "cancelled", "withdrawn")
    for state in states:
        ProposalFactory(pitch__event=event, state=state)
    ProposalFactory(pitch__event=event, pitch__hidden=True, accepted=True)
    ProposalFactory(accepted=True)
    confirmed = ProposalFactory(pitch__event=event, state="confirmed")
    assert [session.id for session in grid.load(event).unplaced] == [confirmed.pk]


def test_placed_session_stays_on_the_board_when_it_is_cancelled(event, draft):
    PlacementFactory(schedule=draft, proposal__state="cancelled")
    PlacementFactory(schedule=draft, proposal__pitch__hidden=True, during=during(hour(3)))
    assert [place.session.is_schedulable for place in grid.load(event).placed] == [False, False]


def test_absences_are_those_of_the_event(event):
    person = UserFactory()
    Unavailability.objects.create(event=event, person=person, during=during(hour(0)))
    Unavailability.objects.create(event=EventFactory(), person=person, during=during(hour(1)))
    assert grid.load(event).absences == (
        Absence(person.pk, Span(hour(0), hour(0) + dt.timedelta(minutes=45))),
    )


@pytest.mark.parametrize("number", [1, 3])
def test_grid_costs_two_queries(event, draft, django_assert_num_queries, number):
    for _ in range(number):
        InterestFactory(proposal=ProposalFactory(accepted=True, pitch__event=event))
        HostFactory(pitch=PlacementFactory(schedule=draft).proposal.pitch)
    with django_assert_num_queries(2):
        loaded = grid.load(event)
    assert (len(loaded.placed), len(loaded.unplaced)) == (number, number)
