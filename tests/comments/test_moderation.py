import datetime as dt

import pytest

from comments import moderation, threads
from comments.models import Act, Comment, Flag
from comments.readers import Reader
from tests.factories import CommentFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

GONE = ["leaving", "deleted"]


def gone(state):
    left = {"left_at": NOW, "state_before": "published"} if state == "leaving" else {}
    return CommentFactory(state=state, author=None, body="", body_html="", **left)


def acts():
    rows = Act.objects.order_by("pk").values_list("kind", "rule", "note", "actor", "comment", "at")
    return [tuple(row) for row in rows]


def test_hide_keeps_the_text_for_moderators_and_notes_the_act(anonymous):
    comment, lena = CommentFactory(), UserFactory()

    moderation.hide(comment, by=lena, now=NOW, rule="insulting", note="Third time")

    comment.refresh_from_db()
    assert (comment.state, comment.removed_because, comment.removed_reason) == (
        Comment.State.REMOVED,
        "insulting",
        "Third time",
    )
    assert comment.body
    assert threads.load(comment.pitch, Reader(user=anonymous), now=NOW).entries == []
    assert acts() == [("hidden", "insulting", "Third time", lena.pk, comment.pk, NOW)]
    act = Act.objects.get()
    assert (act.pitch, act.event) == (comment.pitch, comment.pitch.event)


def test_hide_again_changes_the_reason_and_the_same_again_nothing():
    comment, lena = CommentFactory(), UserFactory()

    for rule in ("spam", "off_topic", "off_topic"):
        moderation.hide(comment, by=lena, now=NOW, rule=rule)

    comment.refresh_from_db()
    assert comment.removed_because == "off_topic"
    assert [act[1] for act in acts()] == ["spam", "off_topic"]


@pytest.mark.parametrize("verb", [moderation.hide, moderation.spam])
def test_restore_shows_it_again_and_forgets_the_reason(verb):
    comment, lena = CommentFactory(), UserFactory()
    verb(comment, by=lena, now=NOW, rule="other", note="A mistake")

    moderation.restore(comment, by=lena, now=NOW)
    moderation.restore(comment, by=lena, now=NOW)

    comment.refresh_from_db()
    assert comment.state == Comment.State.PUBLISHED
    assert (comment.removed_because, comment.removed_reason) == ("", "")
    assert [act[0] for act in acts()][1:] == ["restored"]


@pytest.mark.parametrize("state", ["awaiting_moderation", "awaiting_email"])
def test_approve_publishes_what_waits_and_forgets_why(state):
    comment, lena = CommentFactory(state=state, held_because="words"), UserFactory()

    moderation.approve(comment, by=lena, now=NOW)
    moderation.approve(comment, by=lena, now=NOW)

    comment.refresh_from_db()
    assert (comment.state, comment.held_because) == (Comment.State.PUBLISHED, "")
    assert comment.published_at == NOW
    assert [act[0] for act in acts()] == ["approved"]


def test_spam_is_hidden_with_its_house_rule():
    comment = moderation.spam(CommentFactory(), by=UserFactory(), now=NOW)

    comment.refresh_from_db()
    assert (comment.state, comment.removed_because) == (Comment.State.SPAM, "spam")


@pytest.mark.parametrize("verb", ["approve", "hide", "spam", "restore"])
def test_a_look_settles_the_reports(verb):
    before = {"approve": "published", "restore": "removed"}.get(verb, "published")
    comment = CommentFactory(state=before)
    Flag.objects.create(comment=comment, user=UserFactory(), reason="spam")

    getattr(moderation, verb)(comment, by=UserFactory(), now=NOW)

    assert Flag.objects.get().reviewed_at == NOW


@pytest.mark.parametrize("verb", ["approve", "hide", "spam", "restore"])
@pytest.mark.parametrize("state", GONE)
def test_what_its_author_deleted_is_refused_by_name(verb, state):
    comment = gone(state)

    with pytest.raises(moderation.Deleted):
        getattr(moderation, verb)(comment, by=UserFactory(), now=NOW)
    comment.refresh_from_db()
    assert comment.state == state
    assert acts() == []


def test_what_is_gone_altogether_is_refused_by_name():
    comment = CommentFactory()
    Comment.objects.all().delete()

    with pytest.raises(moderation.Deleted):
        moderation.hide(comment, by=UserFactory(), now=NOW)


def test_what_is_hidden_is_restored_and_what_waits_is_approved():
    hidden = CommentFactory(state="removed")
    waiting = CommentFactory(state="awaiting_moderation")

    with pytest.raises(moderation.NotWaiting):
        moderation.approve(hidden, by=UserFactory(), now=NOW)
    with pytest.raises(moderation.NotHidden):
        moderation.restore(waiting, by=UserFactory(), now=NOW + dt.timedelta(1))
