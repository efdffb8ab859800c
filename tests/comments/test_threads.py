"""Which comments exist for whom, in which order, at how many queries."""

import datetime as dt
import uuid

import pytest

from comments import paging, threads
from comments.closures import Closed
from comments.models import Comment
from comments.readers import Reader
from sessions.models import Pitch
from tests.factories import (
    CommentFactory,
    LikeFactory,
    MembershipFactory,
    PitchFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(anonymous):
    def load(pitch, *, now=NOW, asked=threads.ALL, closed=threads.OPEN, **viewer):
        reader = Reader(**{"user": anonymous, **viewer})
        return threads.load(pitch, reader, now=now, asked=asked, closed=closed)

    return load


def shown(thread):
    return [entry.comment for entry in thread.entries]


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
    assert (thread.count, thread.root_count) == (5, 2)


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

    assert shown(thread) == [above, reply]
    assert [entry.is_seen for entry in thread.entries] == [False, True]
    assert thread.count == 1


@pytest.mark.parametrize("state", ["awaiting_email", "awaiting_moderation"])
def test_what_is_held_exists_for_its_author_and_moderators_alone(load, state):
    published = CommentFactory()
    held = CommentFactory(parent=published, state=state)
    visitor = uuid.uuid4()
    guests = CommentFactory(pitch=published.pitch, guest=True, visitor=visitor, state=state)

    def seen(**viewer):
        thread = load(published.pitch, **viewer)
        assert (thread.count, [e.is_seen for e in thread.entries]) == (
            1,
            [True] * len(shown(thread)),
        )
        return shown(thread)

    assert seen() == [published]
    assert seen(user=UserFactory(), visitor=uuid.uuid4()) == [published]
    assert seen(user=held.author) == [published, held]
    assert seen(visitor=visitor) == [published, guests]
    assert seen(user=UserFactory(), moderates=True) == [published, held, guests]


def test_what_was_just_deleted_exists_for_its_author_alone_who_can_undo_that(load):
    leaving = {"state": "leaving", "left_at": NOW - dt.timedelta(minutes=9)}
    published = CommentFactory()
    mine = CommentFactory(pitch=published.pitch, **leaving)

    assert shown(load(published.pitch)) == [published]
    assert shown(load(published.pitch, user=UserFactory(), moderates=True)) == [published]
    entries = load(published.pitch, user=mine.author).entries
    assert [(e.comment, e.may_undo) for e in entries] == [(published, False), (mine, True)]
    later = NOW + dt.timedelta(minutes=1)
    assert not load(published.pitch, user=mine.author, now=later).entries[1].may_undo


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


def test_only_root_entries_are_ordered_anew(load):
    first = CommentFactory()
    pitch = first.pitch
    second, third = CommentFactory.create_batch(2, pitch=pitch)
    early, late = CommentFactory.create_batch(2, parent=second)
    LikeFactory.create_batch(2, comment=third)
    LikeFactory.create_batch(1, comment=second)
    LikeFactory.create_batch(3, comment=late)

    def ordered(order):
        return shown(load(pitch, asked=paging.Asked(order=order)))

    assert ordered("older") == [first, second, early, late, third]
    assert ordered("newer") == [third, second, early, late, first]
    assert ordered("liked") == [third, second, early, late, first]
    LikeFactory.create_batch(3, comment=first)
    assert ordered("liked") == [first, third, second, early, late]


def test_what_others_published_since_the_last_visit_is_new(load):
    old, aylin = CommentFactory(published_at=NOW), UserFactory()
    since = NOW
    pitch, later = old.pitch, NOW + dt.timedelta(seconds=1)
    new = CommentFactory(parent=old, created_at=NOW - dt.timedelta(days=1), published_at=later)
    CommentFactory(parent=old, author=aylin, published_at=later)
    CommentFactory(parent=old, state="awaiting_moderation", published_at=later)
    guests = CommentFactory(pitch=pitch, guest=True, published_at=later)

    thread = load(pitch, user=aylin, since=since)

    assert [e.comment for e in thread.entries if e.is_new] == [new, guests]
    assert (thread.new_count, thread.first_new, thread.is_first_new_here) == (2, new.pk, True)
    assert load(pitch, user=aylin).new_count == 0


def test_closed_threads_take_no_replies_and_the_others_do(load):
    closed, _open = CommentFactory.create_batch(2, pitch=PitchFactory())
    CommentFactory(parent=closed)

    def take(**kwargs):
        thread = load(closed.pitch, closed=Closed(**kwargs))
        return [entry.takes_replies for entry in thread.entries]

    assert take(whole=False, roots=frozenset({closed.pk})) == [False, False, True]
    assert take(whole=True, roots=frozenset()) == [False, False, False]
    assert take(whole=False, roots=frozenset()) == [True, True, True]


def test_a_long_thread_is_folded_before_the_next_direct_reply(load):
    root = CommentFactory()
    CommentFactory.create_batch(5, parent=root)
    talk = CommentFactory(parent=root)
    CommentFactory.create_batch(2, parent=talk)
    CommentFactory.create_batch(3, parent=root)
    assert not any(e.place.folds for e in load(root.pitch).entries)

    CommentFactory(parent=root)
    entries = load(root.pitch).entries

    assert [(at, e.place.folds) for at, e in enumerate(entries) if e.place.folds] == [(9, 4)]
    assert [at for at, e in enumerate(entries) if e.place.ends_fold] == [12]


def test_a_fold_is_open_for_the_comment_that_is_asked_for_and_for_what_is_new_or_held(load):
    root = CommentFactory(published_at=NOW)
    *_some, last = CommentFactory.create_batch(12, parent=root, published_at=NOW)

    def is_unfolded(**viewer):
        (fold,) = (e.place for e in load(root.pitch, **viewer).entries if e.place.folds)
        return fold.is_unfolded

    before = NOW - dt.timedelta(days=1)
    assert not is_unfolded()
    assert is_unfolded(asked=paging.Asked(comment=last.pk))
    assert not is_unfolded(asked=paging.Asked(comment=root.pk))
    assert is_unfolded(user=root.author, since=before)
    CommentFactory(parent=root, author=root.author, state="awaiting_email")
    assert is_unfolded(user=root.author)
    assert not is_unfolded(user=last.author)


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_load_asks_once_for_a_reader_and_twice_for_a_log_in(load, rows, django_assert_num_queries):
    root = CommentFactory()
    CommentFactory.create_batch(rows - 1, parent=root, author=root.author)

    with django_assert_num_queries(1):
        assert len([e.comment.written_as for e in load(root.pitch).entries]) == rows
    with django_assert_num_queries(2):
        load(root.pitch, user=root.author)


@pytest.mark.parametrize("rows", [1, 3, 200])
def test_the_discussion_asks_five_times_for_any_number(discussion, rows, django_assert_num_queries):
    """The thread, the sessions, the hosts, what is closed and the rules.

    For a log-in not the rules, but the likes, the role, the visit, a ban and what is followed.
    """
    root, aylin = CommentFactory(), UserFactory()
    CommentFactory.create_batch(rows - 1, parent=root, author=root.author)

    def pitch():
        return Pitch.objects.select_related("event").get(pk=root.pitch_id)

    anonymous, members = pitch(), pitch()
    with django_assert_num_queries(5):
        html = discussion(anonymous)
    assert html.count('<li class="comment level-') == rows
    with django_assert_num_queries(9):
        discussion(members, user=aylin)


def test_the_discussion_asks_three_times_when_the_page_has_the_pitch_complete(
    discussion, django_assert_num_queries
):
    pitch = CommentFactory().pitch
    complete = Pitch.objects.select_related("event").with_hosts().with_proposals().get(pk=pitch.pk)

    with django_assert_num_queries(3):
        discussion(complete)


def test_moderators_see_what_waits_on_the_page(discussion):
    held = CommentFactory(state="awaiting_moderation")
    moderator = MembershipFactory(event=held.pitch.event, role="moderator").user
    elsewhere = MembershipFactory(role="moderator").user

    assert held.body in discussion(held.pitch, user=moderator)
    assert held.body not in discussion(held.pitch, user=elsewhere)


def test_load_never_loads_a_guests_address(load):
    CommentFactory(guest=True)

    (entry,) = load(Comment.objects.get().pitch).entries

    assert {"guest_email", "body"} <= entry.comment.get_deferred_fields()
