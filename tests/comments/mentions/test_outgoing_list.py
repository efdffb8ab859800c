"""Organisers read whom the links of their pitches were told to."""

import pytest
from django.urls import reverse

from comments.models import Outgoing
from tests.factories import EventFactory, MembershipFactory, PitchFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:comments_outgoing_changelist")


@pytest.fixture
def event():
    return EventFactory()


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event).user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def told(event, number=1, **fields):
    return Outgoing.objects.create(
        pitch=PitchFactory(event=event), target=f"https://a.example/{number}", **fields
    )


def test_the_list_says_what_came_of_it(desk, event):
    told(event, state="failed", failure="silent", is_linked=False)
    told(EventFactory(), number=2)
    page = desk.get(LIST).text
    assert "failed, link removed" in page
    assert "The site does not answer." in page
    assert "https://a.example/1" in page
    assert "https://a.example/2" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_little_for_many_rows_as_for_one(
    desk, event, django_assert_num_queries, count
):
    for number in range(count):
        told(event, number)
    with django_assert_num_queries(6):
        assert len(desk.get(LIST).context["cl"].result_list) == count
