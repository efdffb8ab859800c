import pytest

from comments import likes
from comments.models import Comment
from tests.factories import CommentFactory, LikeFactory, UserFactory

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


@pytest.mark.parametrize("state", ["removed", "deleted", "spam", "awaiting_email"])
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
