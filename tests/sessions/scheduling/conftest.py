"""The event of the board's tests, and an organiser at its desk."""

import pytest

from tests.factories import (
    EventFactory,
    MembershipFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)


@pytest.fixture
def event():
    event = EventFactory(language="en")
    for number in range(3):
        SlotFactory(event=event, number=number)
    return event


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal", position=1)


@pytest.fixture
def galerie(event):
    return RoomFactory(event=event, name="Galerie", position=2)


@pytest.fixture
def draft(event):
    return ScheduleFactory(event=event)


@pytest.fixture
def aylin(event):
    user = UserFactory(staff=True, profile__name="Aylin Kaya")
    MembershipFactory(event=event, user=user)
    return user


@pytest.fixture
def desk(client, aylin):
    client.force_login(aylin)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
