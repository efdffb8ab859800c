import datetime as dt
import uuid

import pytest

from comments import threads
from comments.models import Comment
from sessions.models import Pitch
from tests.factories import CommentFactory, LikeFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(anonymous):
    def load(pitch, **viewer):
        return threads.load(pitch, **{"user": anonymous, "now": NOW, **viewer})

    return load


def test_load_gives_each_branch_in_order_with_levels(load):
    first = CommentFactory()
    second = CommentFactory(pitch=first.pitch)
    answer = CommentFactory(parent=first)
    deeper = CommentFactory(parent=answer)
    later = CommentFactory(parent=first)

    thread = load(first.pitch)

    assert [(e.comment, e.level) for e in thread.entries] == [
        (first, 0),
        (answer, 1),
        (deeper, 2),
        (later, 1),
        (second, 0),
    ]
    assert thread.count == 5


def test_load_flattens_below_four_levels_and_keeps_the_true_parent(load):
    chain = [CommentFactory()]
    for _number in range(99):
        chain.append(CommentFactory(parent=chain[-1]))

    entries = load(chain[0].pitch).entries

    assert [e.level for e in entries] == [0, 1, 2, 3, *[4] * 96]
    assert [e.is_deep for e in entries] == [False] * 5 + [True] * 95
    assert [e.parent for e in entries] == [None, *chain[:-1]]


@pytest.mark.parametrize("state", ["removed", "spam", "deleted", "awaiting_moderation"])
def test_load_shows_what_is_gone_only_above_something_published(load, state):
    pitch = PitchFactory()
    gone = {"pitch": pitch, "state": state, "author": None, "body": "", "body_html": ""}
    CommentFactory(**gone)
    above = CommentFactory(**gone)
    reply = CommentFactory(parent=above)
    CommentFactory(**{**gone, "parent": reply})
    lonely = CommentFactory(**gone)
    CommentFactory(**{**gone, "parent": lonely})

    thread = load(pitch)

    assert [e.comment for e in thread.entries] == [above, reply]
    assert thread.count == 1


def test_load_counts_likes_and_knows_the_viewers(load):
    comment, aylin = CommentFactory(), UserFactory()
    other = CommentFactory(pitch=comment.pitch)
    LikeFactory(comment=comment, user=aylin)
    LikeFactory(comment=comment)

    entries = load(comment.pitch, user=aylin).entries

    assert [(e.comment, e.like_count, e.is_liked, e.other_likes) for e in entries] == [
        (comment, 2, True, 1),
        (other, 0, False, 0),
    ]
    assert [e.is_liked for e in load(comment.pitch).entries] == [False, False]


def test_load_knows_what_is_mine_and_how_long_it_can_be_changed(load):
    visitor = uuid.uuid4()
    mine = CommentFactory(created_at=NOW - dt.timedelta(minutes=14))
    old = CommentFactory(
        pitch=mine.pitch, author=mine.author, created_at=NOW - dt.timedelta(minutes=15)
    )
    CommentFactory(pitch=mine.pitch)
    guests = CommentFactory(pitch=mine.pitch, guest=True, visitor=visitor, created_at=NOW)
    CommentFactory(pitch=mine.pitch, guest=True)

    def owned(**viewer):
        entries = load(mine.pitch, **viewer).entries
        return [(e.comment, e.is_editable) for e in entries if e.is_mine]

    assert owned(user=mine.author) == [(mine, True), (old, False)]
    assert owned(visitor=visitor) == [(guests, True)]
    assert owned() == []


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_load_asks_once_for_a_reader_and_twice_for_a_log_in(load, rows, django_assert_num_queries):
    root = CommentFactory()
    CommentFactory.create_batch(rows - 1, parent=root)

    with django_assert_num_queries(1):
        assert len([e.comment.written_as for e in load(root.pitch).entries]) == rows
    with django_assert_num_queries(2):
        load(root.pitch, user=root.author)


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_the_discussion_asks_three_times_for_any_number(
    discussion, rows, django_assert_num_queries
):
    """The thread, the sessions and the hosts; one more for the likes of a log-in."""
    root, aylin = CommentFactory(), UserFactory()
    CommentFactory.create_batch(rows - 1, parent=root)
    pitch = Pitch.objects.select_related("event").get(pk=root.pitch_id)

    with django_assert_num_queries(3):
        html = discussion(pitch)
    assert html.count('<li class="comment level-') == rows
    with django_assert_num_queries(4):
        discussion(pitch, user=aylin)


def test_the_discussion_asks_once_when_the_page_has_the_pitch_complete(
    discussion, django_assert_num_queries
):
    pitch = CommentFactory().pitch
    complete = Pitch.objects.select_related("event").with_hosts().with_proposals().get(pk=pitch.pk)

    with django_assert_num_queries(1):
        discussion(complete)


def test_load_never_loads_a_guests_address(load):
    CommentFactory(guest=True)

    (entry,) = load(Comment.objects.get().pitch).entries

    assert {"guest_email", "body"} <= entry.comment.get_deferred_fields()
