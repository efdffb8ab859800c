"""The page of numbers: for organisers of the event, in as many queries for 300 pitches as for 1."""

import re

import pytest
from django.urls import reverse

from sessions.models import Interest, Pitch, Proposal
from tests.factories import (
    CommentFactory,
    InterestFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db


def url(event):
    return reverse("admin:program_event_numbers", args=[event.pk])


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_numbers_are_drawn_with_a_table_behind_each(desk, event):
    room = RoomFactory(event=event, name="Saal", capacity=1)
    SlotFactory(event=event, number=1)
    place = PlacementFactory(
        schedule=ScheduleFactory(event=event),
        room=room,
        during=during(hour(1)),
        proposal__pitch__title="Brot",
    )
    place.proposal.pitch.tags.set(["Teig"])
    InterestFactory.create_batch(2, proposal=place.proposal)
    CommentFactory(pitch=place.proposal.pitch)
    response = desk.get(url(event))
    body, page = response.content.decode(), text(response)
    assert "1 pitch on the wall" in page
    assert "1 comment" in page
    assert "2 times “I’m interested”" in page
    assert "100 % of the wishes of 2 people are in reach." in page
    assert "Saal · 1 place · 2.0 interested on average Mon 10:00 Brot 2 / 1" in page
    assert "#Teig 2 Members 2 Visitors 0 Sessions 1" in page
    assert body.count('role="img"') == body.count("<details") == 7
    assert "style=" not in body


def test_numbers_of_an_event_without_anything_say_so(desk, event):
    page = text(desk.get(url(event)))
    assert "Nothing hangs on the wall yet." in page
    assert "No session has a place yet." in page
    assert "There is no session yet." in page
    assert "No pitch has a tag yet." in page


@pytest.mark.parametrize("language", ["de", "en"])
def test_numbers_write_svg_with_decimal_points(desk, event, language):
    for format_ in ("impuls", "workshop", "blitz"):
        InterestFactory(proposal=ProposalFactory(pitch__event=event, format=format_))
    InterestFactory.create_batch(2, proposal=ProposalFactory(pitch__event=event))
    body = desk.get(url(event), headers={"Accept-Language": language}).content.decode()
    assert 'width="33.33%"' in body
    assert "33,33" not in body


@pytest.mark.parametrize("number", [1, 3, 300])
def test_numbers_cost_thirteen_queries(desk, event, django_assert_num_queries, number):
    people = [UserFactory(), UserFactory()]
    pitches = Pitch.objects.bulk_create(
        Pitch(
            event=event,
            code=f"p{n}",
            title=f"P {n}",
            owner=people[0],
            state="public",
            published_at=NOW,
        )
        for n in range(number)
    )
    sessions = Proposal.objects.bulk_create(
        Proposal(pitch=pitch, code=f"s{pitch.code}", state="accepted") for pitch in pitches
    )
    Interest.objects.bulk_create(
        Interest(proposal=session, user=person) for session in sessions for person in people
    )
    room = RoomFactory(event=event)
    PlacementFactory(schedule=ScheduleFactory(event=event), proposal=sessions[0], room=room)
    PlacementFactory(
        schedule=ScheduleFactory(event=event, version=1), proposal=sessions[0], room=room
    )
    with django_assert_num_queries(13):
        response = desk.get(url(event))
    assert response.status_code == 200


def test_numbers_ask_a_stranger_to_log_in(client, event):
    assert client.get(url(event)).status_code == 302


def test_numbers_of_another_event_do_not_exist(client, stranger, event):
    client.force_login(stranger)
    assert client.get(url(event)).status_code == 404


def test_numbers_are_not_for_moderators(client, moderator, event):
    client.force_login(moderator)
    assert client.get(url(event)).status_code == 403


def test_numbers_are_only_read(desk, event):
    assert desk.post(url(event)).status_code == 405
