import re

import pytest
from django.db import connection, transaction
from django.urls import reverse

from comments import bans, moderation
from comments.models import Act, Rules
from sessions.models import Event
from tests.factories import CommentFactory, EventFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


def log(client, event, **query):
    return client.get(reverse("comments:moderation_log", args=[event.slug]), query)


def test_everybody_reads_what_was_done_and_why_but_nothing_of_anybody(client):
    lena = UserFactory(profile__name="Lena Moderates")
    comment = CommentFactory(
        guest=True, guest_name="Hanna", body="Buy now", pitch__title="Melkroboter"
    )
    event = comment.pitch.event
    moderation.hide(comment, by=lena, now=NOW, rule="off_topic", note="Noted within")
    bans.ban_author(comment, by=lena, now=NOW, note="Noted within")

    page = log(client, event)

    assert page.status_code == 200
    for said in ("comment hidden", "off topic", "Melkroboter", comment.pitch.get_absolute_url()):
        assert said in page.text
    for unsaid in ("Lena", "Hanna", "hanna@example.org", "Buy now", "Noted within", "#comment"):
        assert unsaid not in page.text
    assert not page.cookies


@pytest.mark.parametrize("state", ["hidden", "withdrawn", "draft"])
def test_a_pitch_that_is_not_public_is_not_named(client, state):
    pitch = PitchFactory(title="Melkroboter", **{state: True})
    Act.objects.create(event=pitch.event, pitch=pitch, kind="closed")

    page = log(client, pitch.event)

    assert "discussion closed" in page.text
    assert "Melkroboter" not in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_asks_as_little_for_three_acts_as_for_one(client, django_assert_num_queries, count):
    event = EventFactory()
    for pitch in PitchFactory.create_batch(count, event=event):
        Act.objects.create(event=event, pitch=pitch, kind="closed")

    with django_assert_num_queries(3):
        assert log(client, event).status_code == 200


def test_fifty_acts_make_a_page_and_a_bad_number_falls_back(client):
    event = EventFactory()
    Act.objects.bulk_create(Act(event=event, kind="spam") for _number in range(51))

    def rows(**query):
        return len(re.findall("marked as spam", log(client, event, **query).text))

    assert [rows(), rows(page=2), rows(page="x"), rows(page=10**30)] == [50, 1, 50, 1]


def test_a_draft_has_no_public_log_and_a_stranger_event_none(client):
    assert log(client, EventFactory(draft=True)).status_code == 404
    assert log(client, Event(slug="nothing")).status_code == 404


@pytest.mark.parametrize("row", [Act(kind="spam"), Rules()])
def test_what_changes_a_public_page_raises_the_version_of_its_event(row):
    with transaction.atomic():  # a transaction raises it for what others wrote
        row.event = EventFactory()
    row.save()

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as a commit does

    assert Event.objects.get(pk=row.event.pk).version == row.event.version + 1
