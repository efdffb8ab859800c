"""What is counted of an event, and how far a programme lets people have their wishes."""

import datetime as dt

import pytest

from sessions import numbers
from tests.factories import (
    CommentFactory,
    EventFactory,
    InterestFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db
LATE = dt.datetime(2026, 10, 1, 22, 30, tzinfo=dt.UTC)  # already the 2nd in Bonn


@pytest.fixture
def event():
    return EventFactory()


def test_days_are_those_at_the_place_of_the_event(event):
    PitchFactory(event=event, published_at=NOW)
    pitch = PitchFactory(event=event, published_at=LATE)
    PitchFactory(event=event, draft=True)
    PitchFactory(published_at=NOW)
    CommentFactory(pitch=pitch, created_at=LATE)
    CommentFactory(pitch=pitch, created_at=LATE, state="spam")
    counted = numbers.over_time(event)
    first, second = dt.date(2026, 10, 1), dt.date(2026, 10, 2)
    assert counted.pitches == [(first, 1), (second, 1)]
    assert counted.comments == [(second, 1)]
    assert counted.interest == []


def test_interest_is_counted_by_format_and_by_tag(event):
    workshop = ProposalFactory(pitch__event=event, format="workshop")
    impuls = ProposalFactory(pitch__event=event, format="impuls")
    ProposalFactory(pitch__event=event, format="impuls", state="withdrawn")
    workshop.pitch.tags.set(["Recht", "Geld"])
    impuls.pitch.tags.set(["Geld"])
    InterestFactory(proposal=workshop)
    InterestFactory.create_batch(2, proposal=workshop, anonymous=True)
    InterestFactory(proposal=impuls)
    InterestFactory(proposal=ProposalFactory(format="workshop"))
    assert numbers.by_format(event) == [
        numbers.Wanted("impuls", 1, 1, 0),
        numbers.Wanted("workshop", 1, 1, 2),
    ]
    assert numbers.by_tag(event) == [
        numbers.Wanted("Geld", 2, 2, 2),
        numbers.Wanted("Recht", 1, 1, 2),
    ]


def placed(draft, room, start, *people):
    place = PlacementFactory(schedule=draft, room=room, during=during(start))
    for person in people:
        InterestFactory(proposal=place.proposal, user=person)
    return place


def test_coverage_counts_people_by_the_share_of_their_wishes(event):
    draft = ScheduleFactory(event=event)
    saal, galerie = RoomFactory.create_batch(2, event=event)
    for number in range(3):
        SlotFactory(event=event, number=number)
    lucky, torn, late = UserFactory.create_batch(3)
    placed(draft, saal, hour(0), lucky, torn)
    placed(draft, galerie, hour(0), torn)
    placed(draft, saal, hour(1), lucky)
    waiting = ProposalFactory(accepted=True, pitch__event=event)
    InterestFactory(proposal=waiting, user=late)
    InterestFactory(proposal=ProposalFactory(pitch__event=event), user=late)  # not accepted
    covered, published = numbers.programme(event).coverages
    assert published is None
    assert (covered.every, covered.most, covered.some, covered.none) == (1, 1, 0, 1)
    assert covered.percent == 50
    assert covered.score.people == 3


def test_published_programme_is_measured_as_it_was_published(event):
    saal = RoomFactory(event=event)
    SlotFactory(event=event, number=0)
    person = UserFactory()
    place = placed(ScheduleFactory(event=event, version=1), saal, hour(0), person)
    draft, published = numbers.programme(event).coverages
    assert draft is None
    assert published.every == 1
    place.proposal.placements.update(schedule=ScheduleFactory(event=event, version=2))
    assert numbers.programme(event).coverages[1].every == 1


def test_load_compares_the_fullest_session_with_the_places(event):
    draft = ScheduleFactory(event=event)
    saal = RoomFactory(event=event, name="Saal", capacity=1)
    SlotFactory(event=event, number=0)
    placed(draft, saal, hour(0), *UserFactory.create_batch(3))
    placed(draft, saal, hour(1))
    (load,) = numbers.loads(numbers.programme(event).draft)
    assert (load.room.name, load.most, load.mean, load.standing) == ("Saal", 3, 1.5, 2)
