import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from comments.models import Comment
from tests.factories import CommentFactory, EventFactory, MembershipFactory

LIST = "admin:comments_comment_changelist"


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event, role="moderator").user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def act(desk, action, *rows, **data):
    numbers = [row.pk for row in rows]
    data = {"action": action, ACTION_CHECKBOX_NAME: numbers, "index": 0, **data}
    response = desk.post(reverse(LIST), data, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_a_moderator_hides_a_comment_with_a_reason_and_restores_it(desk, event):
    comment = CommentFactory(pitch__event=event)

    assert act(desk, "hide", comment, reason="Advertising") == ["1 comment is hidden."]
    comment.refresh_from_db()
    assert (comment.state, comment.removed_reason) == ("removed", "Advertising")

    assert act(desk, "restore", comment) == ["1 comment is shown again."]
    comment.refresh_from_db()
    assert (comment.state, comment.removed_reason) == ("published", "")


def test_what_cannot_be_restored_is_named_and_holds_up_nothing(desk, event):
    spam = CommentFactory(pitch__event=event, body="Buy now", state="spam")
    hidden = CommentFactory(pitch__event=event, state="removed")

    assert act(desk, "restore", spam, hidden) == [
        "Buy now: This comment was deleted or changed meanwhile.",
        "1 comment is shown again.",
    ]


def test_a_reason_that_is_too_long_hides_nothing(desk, event):
    comment = CommentFactory(pitch__event=event)

    act(desk, "hide", comment, reason="x" * 201)

    assert Comment.objects.get().state == "published"


def test_nobody_edits_the_words_of_others(desk, event):
    comment = CommentFactory(pitch__event=event, body="As it was")
    page = reverse("admin:comments_comment_change", args=[comment.pk])

    assert desk.post(page, {"body": "As it never was"}).status_code == 403
    assert Comment.objects.get().body == "As it was"


def test_a_guest_s_address_is_shown_nowhere(desk, event):
    comment = CommentFactory(pitch__event=event, guest=True, guest_email="secret@example.org")
    pages = [reverse(LIST)]
    for page in ("change", "history"):
        pages.append(reverse(f"admin:comments_comment_{page}", args=[comment.pk]))

    for page in pages:
        assert "secret@example.org" not in desk.get(page).text


def test_comments_are_found_by_words_and_by_state(desk, event):
    wanted = CommentFactory(pitch__event=event, body="Where is the soup?", state="spam")
    CommentFactory(pitch__event=event)

    for query in ({"q": "soup"}, {"state": "spam"}):
        found = desk.get(reverse(LIST), query).context["cl"].result_list
        assert list(found) == [wanted]
