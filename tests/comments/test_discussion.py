"""What readers see of a discussion, in both languages."""

import datetime as dt

import pytest
from django.utils import timezone, translation
from django.utils.html import strip_tags

from comments import likes, moderation, posting
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    LikeFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def words(html):
    """The text alone, on one line."""
    return " ".join(strip_tags(html).split())


@pytest.mark.parametrize(
    ("language", "count", "headline"),
    [
        ("en", 0, "No comments yet"),
        ("en", 1, "1 comment"),
        ("en", 6, "6 comments"),
        ("de", 0, "Noch kein Kommentar"),
        ("de", 1, "1 Kommentar"),
        ("de", 6, "6 Kommentare"),
    ],
)
def test_the_headline_says_how_many(discussion, language, count, headline):
    pitch = PitchFactory()
    CommentFactory.create_batch(count, pitch=pitch)

    with translation.override(language):
        html = discussion(pitch)

    assert f'<h2 id="discussion-title">{headline}</h2>' in html


@pytest.mark.parametrize(
    ("language", "mine", "others", "said"),
    [
        ("en", False, 1, "1 person likes this"),
        ("en", False, 2, "2 people like this"),
        ("en", True, 0, "You like this"),
        ("en", True, 1, "You and 1 other like this"),
        ("en", True, 2, "You and 2 others like this"),
        ("de", False, 1, "Gefällt 1 Person"),
        ("de", False, 2, "Gefällt 2 Personen"),
        ("de", True, 0, "Gefällt dir"),
        ("de", True, 1, "Gefällt dir und 1 weiteren Person"),
        ("de", True, 2, "Gefällt dir und 2 weiteren Personen"),
    ],
)
def test_likes_are_said_in_words(discussion, language, mine, others, said):
    comment, aylin = CommentFactory(), UserFactory()
    LikeFactory.create_batch(others, comment=comment)
    if mine:
        likes.add(comment, by=aylin)

    with translation.override(language):
        html = discussion(comment.pitch, user=aylin)

    assert f"<span>{said}</span>" in html


def test_nothing_is_said_of_no_likes(discussion):
    assert "like this" not in discussion(CommentFactory().pitch)


def test_only_others_who_are_logged_in_get_a_like_button(discussion):
    comment = CommentFactory()

    def buttons(user=None):
        return discussion(comment.pitch, user=user).count(f'id="like-{comment.pk}"')

    assert (buttons(), buttons(comment.author), buttons(UserFactory())) == (0, 0, 1)


def test_a_member_is_named_with_a_link_and_a_host_is_marked(discussion):
    comment = CommentFactory(author__profile__name="Aylin Kaya")
    HostFactory(pitch=comment.pitch, person=comment.author)

    html = discussion(comment.pitch)

    assert f'href="{comment.author.profile.get_absolute_url()}">Aylin Kaya</a>' in html
    assert '<span class="chip">Host</span>' in html


def test_a_guests_address_is_never_shown(discussion):
    comment = CommentFactory(guest=True)

    html = discussion(comment.pitch)

    assert '<span class="comment-name">Hanna</span><span class="chip">Guest</span>' in html
    assert comment.guest_email not in html


def test_a_comment_of_a_closed_account_stays_without_a_name(discussion):
    comment = CommentFactory(author=None)

    assert "Somebody who has left" in discussion(comment.pitch)


def test_the_time_is_a_permalink_in_the_zone_of_the_event(discussion):
    comment = CommentFactory(created_at=dt.datetime(2026, 10, 1, 22, 43, tzinfo=dt.UTC))

    with timezone.override("Europe/Berlin"), translation.override("de"):
        html = discussion(comment.pitch)

    assert f'href="#comment-{comment.pk}"><time datetime="2026-10-02T00:43:00+0200">' in html
    assert "2. Oktober 2026, 00:43 Uhr</time>" in html


def test_edited_comments_say_so(discussion):
    comment = CommentFactory()
    assert "edited" not in discussion(comment.pitch)

    posting.edit(comment, body="Better", now=comment.created_at)
    assert "edited" in discussion(comment.pitch)


def test_depth_is_spoken_and_deep_ones_link_what_they_answer(discussion):
    chain = [CommentFactory(author__profile__name="Person A")]
    for letter in "BCDEFG":
        name = f"Person {letter}"
        chain.append(CommentFactory(parent=chain[-1], author__profile__name=name))

    html = discussion(chain[0].pitch)

    assert '<span class="vh">Level 2, Reply to Person A</span>' in html
    assert '<span class="vh">Level 6</span>' in html
    assert (
        f'<a class="reply-to is-deep" href="#comment-{chain[4].pk}">Reply to Person E</a>' in html
    )
    assert html.count('class="reply-to is-deep"') == 2
    assert html.count('<li class="comment level-4"') == 3
    with translation.override("de"):
        assert ">Antwort auf Person E</a>" in discussion(chain[0].pitch)


def test_a_thread_a_hundred_deep_is_shown_whole(discussion):
    chain = [CommentFactory()]
    for _number in range(99):
        chain.append(CommentFactory(parent=chain[-1]))

    html = discussion(chain[0].pitch)

    assert [html.count(f'id="comment-{comment.pk}"') for comment in chain] == [1] * 100
    assert '<span class="vh">Level 100</span>' in html


@pytest.mark.parametrize(
    ("language", "deleted", "hidden"),
    [
        ("en", "This comment was deleted.", "This comment was hidden by the moderators."),
        (
            "de",
            "Dieser Kommentar wurde gelöscht.",
            "Dieser Kommentar wurde von der Moderation ausgeblendet.",
        ),
    ],
)
def test_what_is_gone_leaves_a_note_above_its_replies(discussion, language, deleted, hidden):
    pitch = PitchFactory()
    first, second, third = CommentFactory.create_batch(3, pitch=pitch)
    CommentFactory(parent=first)
    CommentFactory(parent=second)
    posting.delete(first)
    moderation.hide(second, by=pitch.owner, reason="Secret reason")
    moderation.hide(third, by=pitch.owner, reason="Secret reason")

    with translation.override(language):
        html = discussion(pitch)

    assert (html.count(deleted), html.count(hidden)) == (1, 1)
    for gone in (first, second, third):
        assert f"<p>{gone.body}</p>" not in html
        assert gone.author.profile.name not in html
    assert "Secret reason" not in html


def test_a_comment_says_which_of_several_sessions_it_means(discussion):
    first = ProposalFactory(title="Cork")
    comment = CommentFactory(pitch=first.pitch, proposal=first)
    assert "About the session" not in discussion(comment.pitch)
    assert "<select" not in discussion(comment.pitch)

    ProposalFactory(pitch=first.pitch, title="Wine")
    html = discussion(comment.pitch)
    assert f'About the session <a href="#session-{first.code}">Cork</a>' in html
    assert html.count("<option") == 3


def test_the_form_below_a_comment_is_asked_for_in_the_address(discussion):
    comment = CommentFactory(author__profile__name="Aylin Kaya")
    other = CommentFactory()

    html = discussion(comment.pitch, reply_to=comment.pk)

    assert html.count("<form") == 2
    assert "<h3>Reply to Aylin Kaya</h3>" in html
    assert f'<input type="hidden" name="parent" value="{comment.pk}">' in html
    for bad in (other.pk, 0, "x", 10**30, "1" * 9_000, "²"):
        assert discussion(comment.pitch, reply_to=bad).count("<form") == 1


def test_a_guest_is_asked_for_a_name_and_a_member_only_for_the_text(discussion):
    pitch = PitchFactory()

    assert discussion(pitch).count(" required") == 2
    assert 'name="email"' in discussion(pitch)
    member = discussion(pitch, user=UserFactory())
    assert member.count(" required") == 1
    assert 'name="name"' not in member


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"comment_policy": "members"}, "Only people with an account can comment here. Log in"),
        ({"comment_policy": "nobody"}, "This pitch takes no comments now."),
        ({"archived": True}, "The event is over, and its discussions are closed."),
    ],
)
def test_a_closed_discussion_says_why_and_has_no_form(discussion, event, said):
    pitch = PitchFactory(event=EventFactory(**event))
    comment = CommentFactory(pitch=pitch)

    html = discussion(pitch, reply_to=comment.pk)

    assert said in words(html)
    assert "<form" not in html
    assert ">Reply" not in html


def test_own_comments_can_be_edited_for_a_while_and_deleted(discussion):
    new = CommentFactory(created_at=timezone.now())
    CommentFactory(
        pitch=new.pitch, author=new.author, created_at=timezone.now() - dt.timedelta(minutes=15)
    )
    CommentFactory(pitch=new.pitch)

    html = discussion(new.pitch, user=new.author)

    assert (html.count(">Edit</a>"), html.count(">Delete</a>")) == (1, 2)
    assert ">Delete</a>" not in discussion(new.pitch)
