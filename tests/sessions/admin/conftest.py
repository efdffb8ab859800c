import pytest

from tests.factories import EventFactory, MembershipFactory, UserFactory


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def organiser(event):
    return MembershipFactory(event=event).user


@pytest.fixture
def desk(client, organiser):
    """A client with the event's organiser logged in."""
    client.force_login(organiser)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def stranger(db):
    """Organises another event."""
    return MembershipFactory().user


@pytest.fixture
def moderator(event):
    return MembershipFactory(event=event, role="moderator").user


@pytest.fixture
def superuser(db):
    return UserFactory(is_staff=True, is_superuser=True)
