import uuid

import pytest

from comments import bans, closures, flags, likes
from comments.models import Act, Ban, Closure
from tests.factories import CommentFactory, EventFactory, MembershipFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena():
    return UserFactory()


def test_an_account_is_banned_from_one_event_once(lena):
    comment = CommentFactory()

    for _time in range(2):
        bans.ban_author(comment, by=lena, now=NOW, note="Insults everybody")

    event = comment.pitch.event
    assert bans.holds(event, user=comment.author)
    assert not bans.holds(EventFactory(), user=comment.author)
    assert not bans.holds(event, user=lena)
    act = Act.objects.get()
    assert (act.kind, act.event, act.comment, act.actor) == ("banned", event, comment, lena)


def test_a_guest_is_banned_by_browser_and_by_address(lena):
    visitor = uuid.uuid4()
    comment = CommentFactory(guest=True, visitor=visitor, guest_email="Hanna@Example.org")

    bans.ban_author(comment, by=lena, now=NOW)
    bans.ban_author(comment, by=lena, now=NOW)

    event = comment.pitch.event
    assert Ban.objects.count() == 1
    assert bans.holds(event, visitor=visitor)
    assert bans.holds(event, email="hanna@example.ORG")
    assert not bans.holds(event, visitor=uuid.uuid4(), email="ida@example.org")


def test_a_ban_is_lifted_and_noted_once(lena):
    comment = CommentFactory()
    ban = bans.ban_author(comment, by=lena, now=NOW)

    bans.lift(Ban.objects.get(), by=lena, now=NOW)
    bans.lift(ban, by=lena, now=NOW)

    assert not bans.holds(comment.pitch.event, user=comment.author)
    assert list(Act.objects.order_by("pk").values_list("kind", flat=True)) == ["banned", "unbanned"]


@pytest.mark.parametrize("role", ["organiser", "moderator"])
def test_the_team_cannot_be_banned(lena, role):
    comment = CommentFactory()
    MembershipFactory(event=comment.pitch.event, user=comment.author, role=role)

    with pytest.raises(bans.OfTheTeam):
        bans.ban_author(comment, by=lena, now=NOW)


def test_whoever_is_not_known_cannot_be_banned(lena):
    with pytest.raises(bans.Nobody):
        bans.ban_author(CommentFactory(author=None), by=lena, now=NOW)


def test_somebody_who_is_banned_neither_likes_nor_reports(lena):
    comment = CommentFactory()
    bans.ban_author(CommentFactory(pitch=comment.pitch, author=lena), by=UserFactory(), now=NOW)

    with pytest.raises(likes.Banned):
        likes.add(comment, by=lena)
    with pytest.raises(flags.Banned):
        flags.add(comment, by=lena, reason="spam", now=NOW)


def test_what_a_banned_person_wrote_is_found_within_the_event(lena):
    visitor = uuid.uuid4()
    comment = CommentFactory(guest=True, visitor=visitor)
    other = CommentFactory(guest=True, visitor=visitor, pitch__event=comment.pitch.event)
    CommentFactory(guest=True, visitor=visitor)
    CommentFactory(pitch=comment.pitch)

    ban = bans.ban_author(comment, by=lena, now=NOW)

    assert set(bans.comments_of(ban)) == {comment, other}


def test_a_thread_is_closed_and_opened_again_and_noted(lena):
    root = CommentFactory()
    reply, other = CommentFactory(parent=root), CommentFactory(pitch=root.pitch)

    assert closures.close(root.pitch, within=reply, by=lena, now=NOW) is True
    assert closures.close(root.pitch, within=root, by=lena, now=NOW) is False
    closed = closures.of(root.pitch)
    assert [closed.covers(c) for c in (root, reply, other, None)] == [True, True, False, False]

    assert closures.reopen(root.pitch, within=reply, by=lena, now=NOW) is True
    assert closures.reopen(root.pitch, within=reply, by=lena, now=NOW) is False
    assert not Closure.objects.exists()
    assert list(Act.objects.order_by("pk").values_list("kind", flat=True)) == ["closed", "opened"]


def test_a_whole_discussion_is_closed_apart_from_its_threads(lena):
    root = CommentFactory()
    closures.close(root.pitch, by=lena, now=NOW)
    closures.close(root.pitch, within=root, by=lena, now=NOW)

    assert closures.of(root.pitch).covers(None)
    closures.reopen(root.pitch, by=lena, now=NOW)
    closed = closures.of(root.pitch)
    assert (closed.covers(None), closed.covers(root)) == (False, True)
