"""Two at once, each with a connection of its own."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from post_office.models import Email

from comments import likes, posting
from comments.models import Comment, Like
from comments.posting import Guest
from tests.factories import CommentFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each call returned or raised, all of them begun in the same moment."""
    barrier = Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(10)
            return call()
        except (posting.Refused, likes.NotLikeable) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_who_reply_at_once_both_appear_once():
    parent = CommentFactory()

    at_once(
        *(
            lambda name=name: posting.post(
                parent.pitch, guest=Guest(name=name), body="Me, too", parent=parent, now=NOW
            )
            for name in ("Hanna", "Ida")
        )
    )

    replies = list(parent.pitch.comments.in_thread_order())[1:]
    assert sorted(reply.guest_name for reply in replies) == ["Hanna", "Ida"]
    assert [reply.path for reply in replies] == [[parent.pk, reply.pk] for reply in replies]


@pytest.mark.parametrize("kind", ["member", "visitor", "name"])
def test_ten_sends_of_one_form_make_one_comment_and_one_mail(kind):
    pitch = PitchFactory()
    who = {
        "member": {"by": UserFactory()},
        "visitor": {"guest": Guest(name="Hanna", visitor=uuid.uuid4())},
        "name": {"guest": Guest(name="Hanna")},
    }[kind]

    posted = at_once(*[lambda: posting.post(pitch, body="Hello", now=NOW, **who)] * 10)

    assert sorted(p.is_new for p in posted) == [False] * 9 + [True]
    assert pitch.comments.count() == 1
    assert Email.objects.count() == 1


def test_the_rate_is_exact_when_all_come_at_once_on_several_pitches():
    aylin, pitches = UserFactory(), PitchFactory.create_batch(3)

    answers = at_once(
        *(
            lambda n=n: posting.post(pitches[n % 3], by=aylin, body=f"Comment {n}", now=NOW)
            for n in range(14)
        )
    )

    assert sum(isinstance(answer, posting.TooFast) for answer in answers) == 4
    assert Comment.objects.count() == 10


@pytest.mark.parametrize("attempt", range(5))
def test_a_reply_never_hangs_below_what_goes_in_the_same_moment(attempt):
    parent = CommentFactory()

    _none, answer = at_once(
        lambda: posting.delete(parent),
        lambda: posting.post(
            parent.pitch, guest=Guest(name="Hanna"), body="Wait", parent=parent, now=NOW
        ),
    )

    left = list(Comment.objects.order_by("pk").values_list("state", flat=True))
    if isinstance(answer, posting.ParentGone):
        assert left == []
    else:
        assert left == ["deleted", "published"]


def test_the_last_two_replies_deleted_at_once_take_their_tombstone_along():
    root = CommentFactory()
    replies = CommentFactory.create_batch(2, parent=root)
    posting.delete(root)

    at_once(*(lambda reply=reply: posting.delete(reply) for reply in replies))

    assert not Comment.objects.exists()


def test_twenty_likes_of_one_person_at_once_count_one():
    comment, aylin = CommentFactory(), UserFactory()

    at_once(*[lambda: likes.add(comment, by=aylin)] * 20)

    assert Like.objects.count() == 1


def test_likes_of_twenty_people_at_once_count_twenty():
    comment, people = CommentFactory(), UserFactory.create_batch(20)

    at_once(*(lambda person=person: likes.add(comment, by=person) for person in people))

    assert comment.likes.count() == 20


@pytest.mark.parametrize("attempt", range(3))
def test_a_like_of_what_goes_in_the_same_moment_leaves_nothing(attempt):
    comment, aylin = CommentFactory(), UserFactory()

    at_once(lambda: posting.delete(comment), lambda: likes.add(comment, by=aylin))

    assert not Comment.objects.exists()
    assert not Like.objects.exists()
