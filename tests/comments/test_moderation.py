import pytest

from comments import moderation, threads
from comments.models import Comment
from sessions.models import LogEntry
from tests.factories import CommentFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


def test_hide_keeps_the_text_for_organisers_and_writes_the_log(anonymous):
    comment, lena = CommentFactory(), UserFactory()

    moderation.hide(comment, by=lena, reason="An advertisement")

    comment.refresh_from_db()
    assert (comment.state, comment.removed_reason) == (Comment.State.REMOVED, "An advertisement")
    assert comment.body
    assert threads.load(comment.pitch, user=anonymous, now=NOW).entries == []
    entry = LogEntry.objects.get()
    assert (entry.actor, entry.action, entry.pitch, entry.event) == (
        lena,
        LogEntry.Action.HIDDEN,
        comment.pitch,
        comment.pitch.event,
    )
    assert entry.details == {"comment": comment.pk, "reason": "An advertisement"}


def test_restore_shows_it_again_and_forgets_the_reason():
    comment, lena = CommentFactory(), UserFactory()
    moderation.hide(comment, by=lena, reason="A mistake")

    moderation.restore(comment, by=lena)
    moderation.restore(comment, by=lena)

    comment.refresh_from_db()
    assert (comment.state, comment.removed_reason) == (Comment.State.PUBLISHED, "")
    actions = list(LogEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == [LogEntry.Action.HIDDEN, LogEntry.Action.SHOWN]


def test_hide_again_changes_the_reason_only():
    comment, lena = CommentFactory(), UserFactory()
    moderation.hide(comment, by=lena, reason="One")
    moderation.hide(comment, by=lena, reason="Two")

    comment.refresh_from_db()
    assert (comment.state, comment.removed_reason) == (Comment.State.REMOVED, "Two")


@pytest.mark.parametrize("state", ["deleted", "spam"])
def test_hide_and_restore_refuse_other_states(state):
    comment = CommentFactory(state=state, author=None, body="", body_html="")

    with pytest.raises(moderation.NotPossible):
        moderation.hide(comment, by=UserFactory(), reason="")
    with pytest.raises(moderation.NotPossible):
        moderation.restore(comment, by=UserFactory())


def test_hide_refuses_what_was_deleted_meanwhile():
    comment = CommentFactory()
    Comment.objects.all().delete()

    with pytest.raises(moderation.NotPossible):
        moderation.hide(comment, by=UserFactory(), reason="")
