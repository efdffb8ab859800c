"""Deleting one's own comment, taking that back, and what stays when time is up."""

import datetime as dt
import uuid

import pytest

from comments import leaving, posting, refusals, upkeep
from comments.models import Comment
from comments.writers import Guest
from tests.factories import CommentFactory, LikeFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
HELD = {"state": "awaiting_moderation", "held_because": "words"}


def gone(comment, at=NOW):
    """Deleted, and nobody took it back."""
    leaving.delete(comment, now=at)
    leaving.bury_left(at + 10 * MINUTE)


def everything(pk):
    """All that the old versions of a comment hold, as text."""
    return str(list(Comment.pgh_event_model.objects.filter(pgh_obj_id=pk).values()))


@pytest.mark.parametrize("before", [{"state": "published"}, HELD])
def test_delete_hides_and_undo_brings_back_where_it_was(before):
    comment = CommentFactory(**before)

    leaving.delete(comment, now=NOW)
    comment.refresh_from_db()
    assert (comment.state, comment.state_before) == ("leaving", before["state"])
    assert not Comment.objects.published().exists()

    back = leaving.undo(comment, now=NOW + 9 * MINUTE)
    assert (back.state, back.held_because) == (before["state"], before.get("held_because", ""))
    assert (back.left_at, back.state_before) == (None, "")


def test_deleting_twice_is_no_error_and_gives_no_more_time():
    comment = CommentFactory()
    leaving.delete(comment, now=NOW)
    leaving.delete(comment, now=NOW + 9 * MINUTE)

    with pytest.raises(refusals.Gone):
        leaving.undo(comment, now=NOW + 10 * MINUTE)
    upkeep.every_round(NOW + 10 * MINUTE)
    assert not Comment.objects.exists()
    leaving.delete(comment, now=NOW)


def test_undo_of_what_did_not_leave_is_refused():
    with pytest.raises(refusals.Gone):
        leaving.undo(CommentFactory(), now=NOW)


def test_delete_leaves_what_moderators_have_hidden():
    comment = CommentFactory(state="removed")
    leaving.delete(comment, now=NOW)

    comment.refresh_from_db()
    assert comment.state == "removed"


def test_what_left_a_moment_ago_is_not_buried():
    comment = CommentFactory()
    leaving.delete(comment, now=NOW)
    leaving.bury_left(NOW + 10 * MINUTE - dt.timedelta(seconds=1))

    assert Comment.objects.get().body == comment.body


def test_without_replies_the_row_and_its_old_versions_go():
    comment = CommentFactory(guest=True, body="Planted words")
    Comment.objects.update(body="Planted otherwise")
    assert "Planted otherwise" in everything(comment.pk)
    gone(comment)

    assert Comment.objects.count() == 0
    assert everything(comment.pk) == "[]"


def test_with_replies_a_tombstone_without_personal_data_stays_even_in_the_history():
    comment = CommentFactory(
        guest=True,
        guest_site="https://hanna.example",
        visitor=uuid.uuid4(),
        email_confirmed=True,
        edited_at=NOW,
    )
    LikeFactory(comment=comment)
    comment.flags.create(user=UserFactory(), reason="spam")
    comment.notices.create(user=UserFactory(), cause="host", due_at=NOW)
    reply = CommentFactory(parent=comment)
    gone(comment)

    structure = {"id", "pitch_id", "parent_id", "root_id", "depth", "path", "created_at"}
    row = Comment.objects.filter(pk=comment.pk).values().get()
    assert {k: v for k, v in row.items() if k not in structure and v} == {
        "origin": "here",
        "state": "deleted",
    }
    related = (comment.likes, comment.flags, comment.notices)
    assert not any(rows.exists() for rows in related)
    assert Comment.objects.filter(pk=reply.pk).exists()
    assert everything(comment.pk) == "[]"
    assert str(reply.author_id) in everything(reply.pk)


def test_a_tombstone_of_a_member_forgets_who_it_was():
    comment = CommentFactory()
    CommentFactory(parent=comment)
    gone(comment)

    comment.refresh_from_db()
    assert (comment.author, comment.state) == (None, Comment.State.DELETED)


def test_the_last_reply_takes_all_tombstones_above_it_along():
    root = CommentFactory()
    middle = CommentFactory(parent=root)
    other = CommentFactory(parent=root)
    leaf = CommentFactory(parent=middle)
    gone(root)
    gone(middle)

    gone(leaf)
    assert set(Comment.objects.all()) == {root, other}

    gone(other)
    assert not Comment.objects.exists()


def test_burying_stops_at_a_parent_that_still_says_something():
    root = CommentFactory()
    middle = CommentFactory(parent=root)
    leaf = CommentFactory(parent=middle)
    gone(middle)
    gone(leaf)

    assert list(Comment.objects.all()) == [root]


def test_a_thread_that_leaves_as_a_whole_goes_as_a_whole():
    root = CommentFactory()
    for comment in (root, CommentFactory(parent=root)):
        leaving.delete(comment, now=NOW)
    leaving.bury_left(NOW + 10 * MINUTE)

    assert not Comment.objects.exists()


def test_a_chain_of_thirty_is_written_and_deleted_from_above():
    pitch, chain = PitchFactory(), [None]
    hanna = Guest(name="Hanna", visitor=uuid.uuid4())
    CommentFactory(pitch=pitch, guest=True, visitor=hanna.visitor)
    for number in range(30):
        at = NOW + number * MINUTE
        answer = posting.post(pitch, guest=hanna, body=f"{number}", parent=chain[-1], now=at)
        chain.append(answer.comment)

    assert chain[-1].depth == 29
    for comment in chain[1:-1]:
        leaving.delete(comment, now=NOW)
    leaving.bury_left(NOW + 10 * MINUTE)
    assert pitch.comments.filter(state=Comment.State.DELETED).count() == 29

    gone(chain[-1])
    assert pitch.comments.count() == 1
