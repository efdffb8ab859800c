"""Edit, delete and like: each by whose it is, everybody else finds nothing."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import leaving, stamps
from comments.models import Comment
from tests.factories import (
    CommentFactory,
    LikeFactory,
    PitchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}
STAMP = stamps.fresh(timezone.now() - dt.timedelta(minutes=1))
TYPED = {"body": "So **true**", "name": "Hanna", "email": "h@x.org", "stamp": STAMP}


def url(name, subject):
    key = subject.pk if isinstance(subject, Comment) else subject.code
    return reverse(f"comments:{name}", args=[key])


def page_of(comment):
    return comment.get_absolute_url()


# Edit


def test_edit_by_its_author_changes_the_text(client):
    comment = CommentFactory(created_at=timezone.now())
    client.force_login(comment.author)

    assert comment.body in client.get(url("edit", comment)).content.decode()
    response = client.post(url("edit", comment), {"body": "Better"})

    comment.refresh_from_db()
    assert (response.status_code, response.url) == (303, page_of(comment))
    assert (comment.body, bool(comment.edited_at)) == ("Better", True)


def test_edit_by_a_guest_works_with_the_cookie_of_posting(client):
    pitch = PitchFactory()
    client.post(url("post", pitch), TYPED)
    comment = pitch.comments.get()

    assert client.post(url("edit", comment), {"body": "Better"}).status_code == 303
    comment.refresh_from_db()
    assert (comment.body, comment.state) == ("Better", Comment.State.AWAITING_MODERATION)


def test_what_a_guest_wrote_stays_theirs_for_the_log_in_that_follows(client):
    pitch, aylin = PitchFactory(), UserFactory()
    client.post(url("post", pitch), TYPED)
    comment = pitch.comments.get()
    aylin.set_password("a long pass phrase")
    aylin.save()
    aylin.emailaddress_set.create(email=aylin.email, verified=True, primary=True)
    client.post("/account/login/", {"login": aylin.email, "password": "a long pass phrase"})
    assert client.session["_auth_user_id"] == str(aylin.pk)

    assert client.post(url("edit", comment), {"body": "Better"}).status_code == 303
    comment.refresh_from_db()
    assert (comment.body, comment.author, comment.written_as) == ("Better", None, "Hanna")

    client.logout()
    client.force_login(aylin)
    assert client.post(url("edit", comment), {"body": "Worse"}).status_code == 404


def test_edit_with_htmx_returns_the_form_and_then_the_discussion(client):
    comment = CommentFactory(created_at=timezone.now())
    client.force_login(comment.author)

    form = client.get(url("edit", comment), **HTMX).content.decode()
    response = client.post(url("edit", comment), {"body": "Better"}, **HTMX)

    assert form.lstrip().startswith("<form")
    assert response["HX-Retarget"] == "#discussion"
    assert "<p>Better</p>" in response.content.decode()


@pytest.mark.parametrize("body", ["", "a" * 10_001])
def test_edit_shows_errors_again_with_what_was_typed(client, body):
    comment = CommentFactory(created_at=timezone.now())
    client.force_login(comment.author)

    response = client.post(url("edit", comment), {"body": body})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"body"}
    assert f"{body}</textarea>" in response.content.decode()


def test_the_eleventh_edit_of_a_minute_is_429_and_loses_nothing(client):
    comment = CommentFactory(created_at=timezone.now())
    client.force_login(comment.author)
    for number in range(10):
        assert client.post(url("edit", comment), {"body": f"{number}"}).status_code == 303

    response = client.post(url("edit", comment), {"body": "Eleventh"})

    assert response.status_code == 429
    assert 50 <= int(response["Retry-After"]) <= 60
    assert "Eleventh</textarea>" in response.content.decode()


def test_edit_after_fifteen_minutes_says_so_and_keeps_the_text(client):
    comment = CommentFactory(created_at=timezone.now() - dt.timedelta(minutes=16))
    client.force_login(comment.author)

    response = client.post(url("edit", comment), {"body": "Too late"})

    assert response.status_code == 422
    assert "This one is older." in response.content.decode()
    assert "Too late</textarea>" in response.content.decode()


@pytest.mark.parametrize("name", ["edit", "delete"])
@pytest.mark.parametrize("who", ["nobody", "stranger", "visitor"])
def test_edit_and_delete_of_anothers_comment_are_not_there(client, visiting, name, who):
    comment = CommentFactory(guest=True, visitor=uuid.uuid4(), created_at=timezone.now())
    if who == "stranger":
        client.force_login(UserFactory())
    if who == "visitor":
        visiting(client, uuid.uuid4())

    assert client.get(url(name, comment)).status_code == 404
    assert client.post(url(name, comment), {"body": "Mine"}).status_code == 404
    comment.refresh_from_db()
    assert comment.is_published


def test_a_comment_without_a_visitor_belongs_to_no_visitor(client):
    assert client.get(url("delete", CommentFactory(guest=True))).status_code == 404


# Delete


def test_delete_asks_first_and_then_deletes(client, visiting):
    comment = CommentFactory(guest=True, visitor=uuid.uuid4())
    visiting(client, comment.visitor)

    asked = client.get(url("delete", comment))
    assert "Nothing stays of it on the page." in asked.content.decode()
    assert Comment.objects.exists()

    response = client.post(url("delete", comment))
    assert (response.status_code, response.url) == (303, page_of(comment))
    comment.refresh_from_db()
    assert comment.state == Comment.State.LEAVING


def test_delete_says_what_happens_to_the_replies(client):
    comment = CommentFactory()
    CommentFactory(parent=comment)
    client.force_login(comment.author)

    assert "It has replies." in client.get(url("delete", comment)).content.decode()


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_a_held_comment_can_be_edited_and_deleted_by_its_author(client, name):
    comment = CommentFactory(
        state="awaiting_moderation", held_because="words", created_at=timezone.now()
    )
    client.force_login(comment.author)

    assert client.post(url(name, comment), {"body": "Better"}).status_code == 303


# Undo


@pytest.fixture
def left():
    comment = CommentFactory(guest=True, visitor=uuid.uuid4())
    leaving.delete(comment, now=timezone.now())
    return comment


@pytest.mark.parametrize("htmx", [{}, HTMX])
def test_undo_brings_a_comment_back_to_whoever_deleted_it(client, visiting, left, htmx):
    visiting(client, left.visitor)

    response = client.post(url("undo", left), **htmx)

    assert response.status_code == (200 if htmx else 303)
    left.refresh_from_db()
    assert left.is_published


def test_undo_is_not_there_for_others_and_refuses_get(client, visiting, left):
    assert client.post(url("undo", left)).status_code == 404
    visiting(client, uuid.uuid4())
    assert client.post(url("undo", left)).status_code == 404
    assert client.get(url("undo", left)).status_code == 405


def test_undo_that_comes_too_late_says_so(client, visiting, left):
    visiting(client, left.visitor)
    Comment.objects.update(left_at=timezone.now() - dt.timedelta(minutes=11))

    response = client.post(url("undo", left), follow=True)

    assert "This comment is not here any more." in response.content.decode()
    left.refresh_from_db()
    assert left.state == Comment.State.LEAVING


# Likes


@pytest.mark.parametrize("method", ["post", "put"])
def test_like_adds_once_and_leads_back_to_the_comment(client, method):
    comment, aylin = CommentFactory(), UserFactory()
    client.force_login(aylin)

    for _twice in range(2):
        response = getattr(client, method)(url("like", comment))

    assert (response.status_code, response.url) == (303, page_of(comment))
    assert comment.likes.get().user == aylin


@pytest.mark.parametrize(("method", "name"), [("delete", "like"), ("post", "unlike")])
def test_unlike_takes_it_back(client, method, name):
    like = LikeFactory()
    client.force_login(like.user)

    for _twice in range(2):
        response = getattr(client, method)(url(name, like.comment))

    assert response.status_code == 303
    assert not like.comment.likes.exists()


def test_like_with_htmx_returns_the_button_and_the_words(client):
    comment = LikeFactory().comment
    client.force_login(UserFactory())

    liked = client.post(url("like", comment), **HTMX).content.decode()
    assert "You and 1 other like this" in liked
    assert "Unlike" in liked

    unliked = client.delete(url("like", comment), **HTMX).content.decode()
    assert "1 person likes this" in unliked


def test_like_of_ones_own_comment_is_refused_by_name(client):
    comment = CommentFactory()
    client.force_login(comment.author)

    html = client.post(url("like", comment), **HTMX).content.decode()

    assert "This is your own comment." in html
    assert not comment.likes.exists()


@pytest.mark.parametrize("name", ["like", "unlike"])
def test_like_and_unlike_need_a_log_in_and_refuse_get(client, name):
    comment = CommentFactory()

    assert client.post(url(name, comment)).url.startswith(reverse("account_login"))
    client.force_login(UserFactory())
    assert client.get(url(name, comment)).status_code == 405


@pytest.mark.parametrize("state", ["removed", "deleted"])
def test_like_of_what_is_gone_is_not_there(client, state):
    comment = CommentFactory(state=state, author=None, body="", body_html="")
    CommentFactory(parent=comment)
    client.force_login(UserFactory())

    assert client.post(url("like", comment)).status_code == 404


@pytest.mark.parametrize("name", ["permalink", "reply", "edit", "delete"])
@pytest.mark.parametrize("pk", [0, 10**30])
def test_an_unknown_comment_is_not_there(client, name, pk):
    assert client.get(reverse(f"comments:{name}", args=[pk])).status_code == 404
