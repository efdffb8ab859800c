"""Whatever the public can see raises the event's version once, at commit."""

import pytest

from sessions.models import Event
from tests.factories import (
    CommentFactory,
    EventFactory,
    InterestFactory,
    LikeFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def version(event: Event) -> int:
    return Event.objects.values_list("version", flat=True).get(pk=event.pk)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: RoomFactory(event=event),
        lambda event: SlotFactory(event=event),
        lambda event: PitchFactory(event=event),
        lambda event: ProposalFactory(pitch__event=event),
        lambda event: InterestFactory(proposal__pitch__event=event),
        lambda event: CommentFactory(pitch__event=event),
        lambda event: LikeFactory(comment__pitch__event=event),
        lambda event: ScheduleFactory(event=event, version=1),
        lambda event: PlacementFactory(schedule__event=event, schedule__version=1),
        lambda event: PitchFactory(event=event).tags.add("money"),
        lambda event: Event.objects.filter(pk=event.pk).update(name="Another"),
    ],
)
def test_version_rises_when_something_public_is_written(change):
    event, other = EventFactory(), EventFactory()
    before = version(event)
    change(event)
    assert version(event) > before
    assert version(other) == other.version


def test_version_rises_when_a_host_is_renamed():
    pitch = PitchFactory()
    before = version(pitch.event)
    profile = pitch.owner.profile
    profile.name = "Aylin Kaya"
    profile.save()
    assert version(pitch.event) == before + 1


def test_version_rises_when_a_pitch_is_deleted():
    comment = CommentFactory()
    before = version(comment.pitch.event)
    comment.pitch.delete()
    assert version(comment.pitch.event) > before


def test_version_stays_when_the_draft_schedule_changes():
    event = EventFactory()
    placement = PlacementFactory(schedule__event=event)
    before = version(event)
    placement.pinned = True
    placement.save()
    assert version(event) == before


def test_version_never_falls_when_a_stale_event_is_saved():
    stale = EventFactory()
    RoomFactory(event=stale)
    before = version(stale)
    stale.save()
    assert version(stale) == before + 1
