"""Mentions in the desk: who sees them, and looking at one again."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from comments.mentions import records
from comments.mentions.parse import Said
from comments.models import Comment, Mention
from tests.factories import EventFactory, MembershipFactory, PitchFactory
from tests.factories.program import NOW

LIST = reverse("admin:comments_mention_changelist")


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event, role="moderator").user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def mention(event, number=1):
    found, _is_new = records.received(
        PitchFactory(event=event),
        f"https://blog.example/{number}",
        target="http://testserver/x",
        protocol=Comment.Origin.WEBMENTION,
        now=NOW,
    )
    return found


def check(desk, *rows):
    data = {"action": "check_again", ACTION_CHECKBOX_NAME: [row.pk for row in rows], "index": 0}
    response = desk.post(LIST, data, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_a_moderator_sees_the_mentions_of_the_event(desk, event):
    shown = mention(event)
    mention(EventFactory(), 2)
    assert list(desk.get(LIST).context["cl"].result_list) == [shown]


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_costs_the_same_for_many(desk, event, many, django_assert_num_queries):
    for number in range(many):
        records.verified(mention(event, number), Said(title="T"), domain="blog.example", now=NOW)
    desk.get(LIST)
    with django_assert_num_queries(COST):
        assert len(desk.get(LIST).context["cl"].result_list) == many


COST = 6


def test_one_is_read_but_not_changed(desk, event):
    row = mention(event)
    records.verified(row, Said(title="A title"), domain="blog.example", now=NOW)
    url = reverse("admin:comments_mention_change", args=[row.pk])
    page = desk.get(url).content.decode()
    assert "A title" in page
    assert "waits for approval" in page
    assert desk.post(url, {"title": "Other"}).status_code == 403
    assert Mention.objects.get().title == "A title"


def test_strangers_find_nothing(desk):
    row = mention(EventFactory(), 2)
    assert desk.get(reverse("admin:comments_mention_change", args=[row.pk])).status_code == 404


def test_why_nothing_is_shown_is_said_in_words(desk, event):
    records.failed(mention(event), failure="unreachable", now=NOW)
    assert "The page could not be read." in desk.get(LIST).content.decode()


def test_a_mention_is_checked_again(desk, event):
    row = mention(event)
    records.failed(row, failure="unreachable", now=NOW)
    assert check(desk, row) == ["1 mention is checked again."]
    assert records.due(row.pk) == row
    assert DBTaskResult.objects.get().args_kwargs["args"] == [row.pk]


def test_a_rejected_one_is_not(desk, event):
    row = mention(event)
    records.verified(row, Said(), domain="blog.example", now=NOW)
    Comment.objects.update(state=Comment.State.SPAM)
    assert check(desk, row) == ["1 mention was rejected and stays so."]
    assert not DBTaskResult.objects.exists()
