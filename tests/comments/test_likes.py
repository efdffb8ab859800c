import uuid

import pytest
from django.urls import reverse

from comments import flags, likes
from comments.models import Ban, Comment, Flag, Like
from speakers.models import User
from tests.at_once import at_once
from tests.factories import CommentFactory, LikeFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


def test_add_and_remove_are_idempotent_facts():
    comment, aylin = CommentFactory(), UserFactory()

    likes.add(comment, by=aylin)
    likes.add(comment, by=aylin)
    assert comment.likes.count() == 1
    assert likes.of(aylin, comment.pitch) == {comment.pk}

    likes.remove(comment, by=aylin)
    likes.remove(comment, by=aylin)
    assert comment.likes.count() == 0


def test_remove_leaves_the_likes_of_others():
    like = LikeFactory()

    likes.remove(like.comment, by=UserFactory())

    assert like.comment.likes.get() == like


def test_of_knows_one_persons_likes_below_one_pitch():
    like = LikeFactory()
    LikeFactory(user=like.user)
    LikeFactory(comment=like.comment)

    assert likes.of(like.user, like.comment.pitch) == {like.comment_id}


def test_add_refuses_ones_own_comment():
    comment = CommentFactory()

    with pytest.raises(likes.OwnComment):
        likes.add(comment, by=comment.author)


def test_add_refuses_what_one_wrote_as_a_guest_in_this_browser():
    visitor = uuid.uuid4()

    with pytest.raises(likes.OwnComment):
        likes.add(CommentFactory(guest=True, visitor=visitor), by=UserFactory(), visitor=visitor)


@pytest.mark.parametrize(
    "state", ["removed", "deleted", "spam", "awaiting_email", "awaiting_moderation"]
)
def test_add_refuses_what_is_not_published(state):
    comment = CommentFactory(state=state, author=None, body="", body_html="")

    with pytest.raises(likes.NotLikeable):
        likes.add(comment, by=UserFactory())


def test_add_refuses_what_was_deleted_meanwhile():
    comment = CommentFactory()
    Comment.objects.all().delete()

    with pytest.raises(likes.NotLikeable):
        likes.add(comment, by=UserFactory())


@pytest.mark.parametrize("where", [{"pitch__withdrawn": True}, {"pitch__event__archived": True}])
def test_add_refuses_when_the_pitch_or_its_event_is_closed(where):
    with pytest.raises(likes.NotLikeable):
        likes.add(CommentFactory(**where), by=UserFactory())


@pytest.mark.django_db(transaction=True)
def test_fifty_likes_of_one_person_at_once_count_one_and_their_going_none():
    comment, aylin = CommentFactory(), UserFactory()

    at_once(*[lambda: likes.add(comment, by=aylin)] * 50)
    assert Like.objects.count() == counted(comment) == 1

    at_once(*[lambda: likes.remove(comment, by=aylin)] * 10)
    assert Like.objects.count() == counted(comment) == 0


@pytest.mark.django_db(transaction=True)
def test_likes_of_fifty_people_at_once_count_fifty():
    comment, people = CommentFactory(), people_of(50)

    at_once(*(lambda person=person: likes.add(comment, by=person) for person in people))

    assert comment.likes.count() == counted(comment) == 50


@pytest.mark.django_db(transaction=True)
def test_of_ten_reports_at_once_three_hide_it_and_are_all_that_count():
    comment, people = CommentFactory(), people_of(10)

    answers = at_once(
        *(
            lambda person=person: flags.add(comment, by=person, reason="spam", now=NOW)
            for person in people
        ),
        refusals=flags.NotFlaggable,
    )

    comment.refresh_from_db()
    assert comment.is_held
    assert Flag.objects.count() == comment.acts.count() + 2 == 3
    assert sum(isinstance(answer, flags.NotFlaggable) for answer in answers) == 7


def counted(comment):
    """What a page shows."""
    return Comment.objects.with_like_count().get(pk=comment.pk).like_count


def people_of(number):
    return User.objects.bulk_create(User(email=f"many{n}@example.org") for n in range(number))


@pytest.mark.parametrize("method", ["post", "put"])
def test_liking_twice_by_either_method_counts_once_and_leads_back(client, method):
    comment, aylin = CommentFactory(), UserFactory()
    client.force_login(aylin)
    like = reverse("comments:like", args=[comment.pk])

    answers = [getattr(client, method)(like) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert Like.objects.values_list("comment", "user").get() == (comment.pk, aylin.pk)
    assert [client.delete(like).status_code for _time in range(2)] == [303, 303]
    assert not Like.objects.exists()


def test_somebody_who_is_banned_is_told_so(client):
    comment, aylin = CommentFactory(), UserFactory()
    Ban.objects.create(event=comment.pitch.event, user=aylin)
    client.force_login(aylin)

    page = client.post(reverse("comments:like", args=[comment.pk]), follow=True)

    assert "You cannot take part in the discussions of this event." in page.text
    assert not Like.objects.exists()
