"""Two at once, each with a connection of its own."""

import datetime as dt
import uuid
from functools import partial

import pytest

from comments import confirmations, leaving, likes, posting, rates, refusals
from comments.models import Comment, Like
from comments.writers import Guest
from tests import at_once as together
from tests.factories import CommentFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

LATER = NOW + dt.timedelta(minutes=10)

pytestmark = pytest.mark.django_db(transaction=True)

at_once = partial(
    together.at_once,
    refusals=(refusals.Refused, rates.TooMany, confirmations.Used, likes.NotLikeable),
)


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
def test_ten_sends_of_one_form_make_one_comment(kind):
    pitch = PitchFactory()
    who = {
        "member": {"by": UserFactory()},
        "visitor": {"guest": Guest(name="Hanna", visitor=uuid.uuid4())},
        "name": {"guest": Guest(name="Hanna")},
    }[kind]

    posted = at_once(*[lambda: posting.post(pitch, body="Hello", now=NOW, **who)] * 10)

    assert sorted(p.is_new for p in posted) == [False] * 9 + [True]
    assert pitch.comments.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_a_reply_never_hangs_below_what_goes_in_the_same_moment(attempt):
    parent = CommentFactory()

    _none, answer = at_once(
        lambda: leaving.delete(parent, now=NOW),
        lambda: posting.post(
            parent.pitch, by=parent.pitch.owner, body="Wait", parent=parent, now=NOW
        ),
    )
    leaving.bury_left(LATER)

    left = list(Comment.objects.order_by("pk").values_list("state", flat=True))
    if isinstance(answer, refusals.ParentGone):
        assert left == []
    else:
        assert left == ["deleted", "published"]


def test_two_workers_that_bury_at_once_take_the_last_replies_and_their_tombstone():
    root = CommentFactory()
    for comment in (root, *CommentFactory.create_batch(2, parent=root)):
        leaving.delete(comment, now=NOW)

    assert at_once(*[lambda: leaving.bury_left(LATER)] * 2) == [None, None]

    assert not Comment.objects.exists()


def test_twenty_likes_of_one_person_at_once_count_one():
    comment, aylin = CommentFactory(), UserFactory()

    at_once(*[lambda: likes.add(comment, by=aylin)] * 20)

    assert Like.objects.count() == 1


def test_likes_of_twenty_people_at_once_count_twenty():
    comment, people = CommentFactory(), UserFactory.create_batch(20)

    at_once(*(lambda person=person: likes.add(comment, by=person) for person in people))

    assert comment.likes.count() == 20


@pytest.mark.parametrize("attempt", range(2))
def test_a_like_of_what_goes_in_the_same_moment_leaves_nothing(attempt):
    comment, aylin = CommentFactory(), UserFactory()

    at_once(lambda: leaving.delete(comment, now=NOW), lambda: likes.add(comment, by=aylin))
    at_once(lambda: leaving.bury_left(LATER), lambda: likes.add(comment, by=aylin))

    assert not Comment.objects.exists()
    assert not Like.objects.exists()


def test_a_link_that_is_opened_twice_at_once_confirms_once():
    comment = CommentFactory(
        guest=True, state="awaiting_email", held_because="first_post", created_at=NOW
    )

    answers = at_once(*[lambda: confirmations.confirm(comment, now=NOW)] * 2)

    assert sum(isinstance(answer, confirmations.Used) for answer in answers) == 1
    assert Comment.objects.published().count() == 1
