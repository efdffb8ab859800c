import datetime as dt

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory.django import DjangoModelFactory

from sessions.models import (
    Event,
    Host,
    Interest,
    Membership,
    Pitch,
    Placement,
    Proposal,
    Room,
    Schedule,
    Slot,
)

from .people import UserFactory

# The clock of most tests: pitching is open, the event lies ahead (9 and 10 November 2026, Bonn).
NOW = dt.datetime(2026, 10, 1, 12, 0, tzinfo=dt.UTC)
NINE = dt.datetime(2026, 11, 9, 8, 0, tzinfo=dt.UTC)  # 9:00 in Bonn


def hour(number: int, *, minutes: int = 0) -> dt.datetime:
    """``number`` hours after nine o'clock in Bonn on the first day."""
    return NINE + dt.timedelta(hours=number, minutes=minutes)


def during(start: dt.datetime, minutes: int = 45) -> DateTimeTZRange:
    return DateTimeTZRange(start, start + dt.timedelta(minutes=minutes), "[)")


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    class Params:
        draft = factory.Trait(state=Event.State.DRAFT)
        archived = factory.Trait(state=Event.State.ARCHIVED)

    name = "Next Economy Open"
    slug = factory.Sequence("neo{}".format)
    hashtag = "NEO15"
    place = "Bonn"
    starts_on = dt.date(2026, 11, 9)
    ends_on = dt.date(2026, 11, 10)
    time_zone = "Europe/Berlin"
    language = "en"
    state = Event.State.PUBLIC


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory, staff=True)
    event = factory.SubFactory(EventFactory)


class RoomFactory(DjangoModelFactory):
    class Meta:
        model = Room

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence("Room {}".format)
    capacity = 40
    position = factory.Sequence(int)


class SlotFactory(DjangoModelFactory):
    """Hour by hour from 9:00 in Bonn: ``SlotFactory(number=2)`` is 11:00."""

    class Meta:
        model = Slot

    class Params:
        number = factory.Sequence(int)

    event = factory.SubFactory(EventFactory)
    starts_at = factory.LazyAttribute(lambda slot: hour(slot.number))
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + dt.timedelta(minutes=45))


class PitchFactory(DjangoModelFactory):
    """A public pitch whose owner is its host; ``ProposalFactory`` makes one with a session."""

    class Meta:
        model = Pitch
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(state=Pitch.State.DRAFT, published_at=None)
        withdrawn = factory.Trait(state=Pitch.State.WITHDRAWN)
        hidden = factory.Trait(state=Pitch.State.HIDDEN)

    event = factory.SubFactory(EventFactory)
    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence("Pitch {}".format)
    body = "What it is about."
    language = "en"
    state = Pitch.State.PUBLIC
    published_at = NOW
    created_at = NOW

    @factory.post_generation
    def hosted(self, create, extracted, **kwargs):
        if create:
            Host.objects.create(pitch=self, person=self.owner)


class HostFactory(DjangoModelFactory):
    class Meta:
        model = Host

    pitch = factory.SubFactory(PitchFactory)
    person = factory.SubFactory(UserFactory)
    position = factory.Sequence(lambda number: number + 1)


class ProposalFactory(DjangoModelFactory):
    """``ProposalFactory(pitch__event=event)`` makes pitch, host and proposal."""

    class Meta:
        model = Proposal

    class Params:
        accepted = factory.Trait(state=Proposal.State.ACCEPTED)

    pitch = factory.SubFactory(PitchFactory)
    position = factory.LazyAttribute(lambda proposal: proposal.pitch.proposals.count())


class InterestFactory(DjangoModelFactory):
    class Meta:
        model = Interest

    class Params:
        anonymous = factory.Trait(user=None, visitor=factory.Faker("uuid4", cast_to=None))

    proposal = factory.SubFactory(ProposalFactory)
    user = factory.SubFactory(UserFactory)


class ScheduleFactory(DjangoModelFactory):
    """The draft of an event; ``ScheduleFactory(version=1)`` is a published one."""

    class Meta:
        model = Schedule

    event = factory.SubFactory(EventFactory)
    published_at = factory.LazyAttribute(lambda schedule: NOW if schedule.version else None)
    version = None


class PlacementFactory(DjangoModelFactory):
    """``PlacementFactory(schedule=draft, proposal=p, room=r, during=during(hour(1)))``."""

    class Meta:
        model = Placement

    schedule = factory.SubFactory(ScheduleFactory)
    proposal = factory.SubFactory(
        ProposalFactory, accepted=True, pitch__event=factory.SelfAttribute("...schedule.event")
    )
    room = factory.SubFactory(RoomFactory, event=factory.SelfAttribute("..schedule.event"))
    during = factory.LazyAttribute(lambda place: during(hour(1)))
