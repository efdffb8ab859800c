"""What becomes of a mention, and of the comment that shows it."""

import datetime as dt
from html import escape

import pytest
from django.utils import translation

from comments import states
from comments.mentions import records
from comments.mentions.parse import Kind, Said
from comments.models import Comment, Mention, Notice, Rules
from tests.factories import CommentFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

SOURCE = "https://blog.example/post"
TARGET = "http://testserver/x"
LATER = NOW + dt.timedelta(hours=1)
State = Comment.State


@pytest.fixture
def pitch():
    return PitchFactory()


def told(pitch, source=SOURCE, *, now=NOW, protocol=Comment.Origin.WEBMENTION):
    mention, _is_new = records.received(pitch, source, target=TARGET, protocol=protocol, now=now)
    return mention


def verified(pitch, source=SOURCE, *, domain="blog.example", now=NOW, **said):
    """The mention, and its comment, after a look at the source."""
    mention = told(pitch, source, now=now)
    records.verified(mention, Said(**said), domain=domain, now=now)
    mention.refresh_from_db()
    return mention


def approve(mention):
    comment = Comment.objects.select_related("pitch").get(pk=mention.comment_id)
    return states.turn(comment, State.PUBLISHED, now=NOW)


# --- First ------------------------------------------------------------------------------------


def test_a_mention_is_shown_as_a_comment_of_its_author(pitch):
    written_at = NOW + dt.timedelta(minutes=5)
    said = {"kind": Kind.REPLY, "author": "Anna", "title": "Answer", "text": "Yes"}
    mention = verified(pitch, now=LATER, written_at=written_at, **said)
    comment = mention.comment
    assert (mention.state, mention.kind, mention.title) == ("verified", "reply", "Answer")
    assert mention.checked_at == LATER
    assert (comment.pitch, comment.parent, comment.author) == (pitch, None, None)
    assert (comment.guest_name, comment.guest_site, comment.guest_email) == ("Anna", SOURCE, "")
    assert (comment.origin, comment.body, comment.body_html) == (
        "webmention", "Yes", "<p>Yes</p>\n",
    )  # fmt: skip
    assert comment.created_at == written_at
    assert comment.visitor is None


def test_the_first_mention_of_a_site_waits_for_a_moderator_and_tells_nobody(pitch):
    comment = verified(pitch).comment
    assert (comment.state, comment.held_because) == ("awaiting_moderation", "domain")
    assert not Notice.objects.exists()


def test_once_one_was_approved_the_next_of_that_site_is_published_and_told(pitch):
    approve(verified(pitch))
    Notice.objects.all().delete()
    other = PitchFactory(event=pitch.event, owner=UserFactory(confirmed=True))
    comment = verified(other, f"{SOURCE}/2").comment
    assert (comment.state, comment.held_because) == ("published", "")
    assert Notice.objects.filter(comment=comment, user=other.owner).exists()


def test_approval_holds_for_one_event_and_one_site(pitch):
    approve(verified(pitch))
    assert verified(PitchFactory()).comment.is_held
    assert verified(pitch, "https://x.example/", domain="x.example").comment.is_held
    redirected = verified(pitch, f"{SOURCE}/3", domain="x.example")
    assert redirected.comment.is_held


def test_a_listed_word_holds_a_mention_of_a_known_site(pitch):
    approve(verified(pitch))
    Rules.objects.create(event=pitch.event, words="casino")
    comment = verified(pitch, f"{SOURCE}/2", text="My CASINO").comment
    assert (comment.state, comment.held_because) == ("awaiting_moderation", "words")


def test_whoever_has_no_name_is_called_by_the_site(pitch):
    assert verified(pitch).comment.guest_name == "blog.example"


@pytest.mark.parametrize("days", [-400, 1])
def test_a_date_that_cannot_be_is_ignored(pitch, days):
    comment = verified(pitch, written_at=NOW + dt.timedelta(days=days)).comment
    assert comment.created_at == NOW


def test_a_source_that_is_too_long_for_a_comment_is_kept_in_the_mention(pitch):
    source = "https://blog.example/" + "a" * 1900
    mention = verified(pitch, source)
    assert (mention.source, mention.comment.guest_site) == (source, "")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> & <b>x</b>",
        "![x](https://evil.example/x.png) [x](javascript:alert(1)) <https://evil.example>",
        "# no heading",
        "- no list",
        "1. no list",
        "1) no list",
        "> no quote",
        "+ no list",
        "*no* _em_ **strong** `code` ~~gone~~ | table |",
        "https://evil.example/ www.evil.example",
        "\\*x\\* &amp; &#42;",
        "---",
        "=== x",
        "[x]: https://evil.example",
        "a\\",
        "@Host",
    ],
)
def test_a_text_is_shown_as_the_plain_text_that_it_is(pitch, text):
    html = verified(pitch, text=text).comment.body_html
    shown = html.replace("&quot;", '"')
    assert shown == f"<p>{escape(' '.join(text.split()), quote=False)}</p>\n"


def test_without_a_text_nothing_is_shown_but_the_mention(pitch):
    assert verified(pitch, kind=Kind.LIKE).comment.body_html == ""


# --- Again ------------------------------------------------------------------------------------


def test_sent_again_it_is_updated_and_not_doubled(pitch):
    approve(verified(pitch, text="One", author="Anna"))
    mention = verified(pitch, now=LATER, text="Two", author="Anna S.", title="T", kind=Kind.REPLY)
    comment = Comment.objects.get()
    assert (comment.body, comment.guest_name, comment.edited_at) == ("Two", "Anna S.", LATER)
    assert (comment.state, comment.published_at) == ("published", NOW)
    assert (mention.title, mention.kind, mention.checked_at) == ("T", "reply", LATER)


def test_sent_again_unchanged_nothing_is_edited(pitch):
    approve(verified(pitch, text="One"))
    verified(pitch, now=LATER, text="One")
    assert Comment.objects.get().edited_at is None


def test_what_waits_is_updated_and_waits_on(pitch):
    verified(pitch, text="One")
    comment = verified(pitch, now=LATER, text="Two").comment
    assert (comment.body, comment.state, comment.held_because) == (
        "Two", "awaiting_moderation", "domain",
    )  # fmt: skip


def test_a_change_with_a_listed_word_is_held(pitch):
    approve(verified(pitch, text="One"))
    Rules.objects.create(event=pitch.event, words="casino")
    comment = verified(pitch, now=LATER, text="casino").comment
    assert (comment.state, comment.held_because) == ("awaiting_moderation", "words")


def test_a_pingback_and_a_webmention_of_one_source_are_one(pitch):
    told(pitch, protocol=Comment.Origin.PINGBACK)
    assert told(pitch).protocol == "webmention"
    assert told(pitch, protocol=Comment.Origin.PINGBACK).protocol == "webmention"
    assert Mention.objects.count() == 1


# --- Gone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_published", [True, False])
def test_when_the_source_is_gone_so_is_its_comment_with_all_versions(pitch, is_published):
    mention = verified(pitch, text="One", author="Anna", title="T")
    if is_published:
        approve(mention)
    records.gone(mention, failure="gone", now=LATER)
    mention.refresh_from_db()
    assert (mention.state, mention.comment, mention.title) == ("gone", None, "")
    assert not Comment.objects.exists()
    assert not Comment.pgh_event_model.objects.exists()


def test_with_replies_a_tombstone_stays(pitch):
    comment = approve(verified(pitch, text="One", author="Anna"))
    CommentFactory(parent=comment)
    records.gone(Mention.objects.get(), failure="no_link", now=LATER)
    comment.refresh_from_db()
    assert (comment.state, comment.guest_name, comment.body) == ("deleted", "", "")


def test_what_comes_back_is_shown_again(pitch):
    approve(verified(pitch))
    records.gone(Mention.objects.get(), failure="gone", now=LATER)
    mention = verified(pitch, now=LATER, text="Back")
    assert (mention.state, mention.comment.body) == ("verified", "Back")
    assert mention.comment.is_held  # nothing of that site stands any more


def test_a_source_that_never_linked_has_failed(pitch):
    records.gone(told(pitch), failure="no_link", now=NOW)
    assert Mention.objects.values_list("state", "failure").get() == ("failed", "no_link")


def test_what_was_verified_stays_when_its_source_fails(pitch):
    approve(verified(pitch))
    records.failed(told(pitch, now=LATER), failure="unreachable", now=LATER)
    mention = Mention.objects.get()
    assert (mention.state, mention.failure) == ("verified", "unreachable")
    assert Comment.objects.get().is_published


def test_a_pitch_that_went_meanwhile_shows_nothing_new(pitch):
    pitch.state = "hidden"
    pitch.save()
    assert verified(pitch).failure == "closed"
    assert not Comment.objects.exists()


# --- Rejected ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SPAM, State.REMOVED])
def test_rejected_stays_rejected(pitch, state):
    comment = approve(verified(pitch, text="One"))
    states.turn(comment, state, now=NOW)
    mention = verified(pitch, now=LATER, text="Two")
    assert (mention.state, mention.checked_at) == ("rejected", NOW)
    assert records.due(mention.pk) is None
    comment.refresh_from_db()
    assert (comment.state, comment.body) == (state, "One")
    records.gone(mention, failure="gone", now=LATER)
    assert Comment.objects.filter(pk=comment.pk).exists()
    assert not records.told_again(mention, now=LATER)


def test_what_was_erased_here_does_not_come_back(pitch):
    verified(pitch, text="One").comment.delete()
    mention = verified(pitch, now=LATER, text="Two")
    assert (mention.state, mention.comment) == ("rejected", None)
    assert not Comment.objects.exists()


def test_shown_again_by_moderators_it_is_updated_again(pitch):
    comment = approve(verified(pitch, text="One"))
    states.turn(comment, State.REMOVED, now=NOW)
    states.turn(comment, State.PUBLISHED, now=NOW)
    assert verified(pitch, now=LATER, text="Two").comment.body == "Two"


# --- The page ---------------------------------------------------------------------------------

WORDS = {
    Kind.MENTION: ("Mentions this on", "Erwähnt das auf"),
    Kind.REPLY: ("Replies on", "Antwortet auf"),
    Kind.LIKE: ("Likes this on", "Sagt auf"),
    Kind.REPOST: ("Shares this on", "Teilt das auf"),
    Kind.BOOKMARK: ("Has bookmarked this on", "Hat sich das auf"),
    Kind.RSVP: ("Answers the invitation on", "Antwortet auf die Einladung auf"),
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("language", "column"), [("en", 0), ("de", 1)])
def test_it_is_shown_as_what_it_is(discussion, pitch, kind, language, column):
    approve(verified(pitch, kind=kind, author="Anna", title="A <b> title", text="Yes"))
    with translation.override(language):
        html = discussion(pitch)
    link = f'<a href="{SOURCE}" rel="nofollow ugc noopener">blog.example</a>'
    assert f"{WORDS[kind][column]} {link}" in html
    assert "A &lt;b&gt; title" in html
    assert "<p>Yes</p>" in html
    assert "Anna" in html


def test_what_waits_is_not_shown(discussion, pitch):
    verified(pitch, author="Anna")
    assert "Anna" not in discussion(pitch)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://blog.example/x", "blog.example"),
        ("http://www.blog.example:8080/", "blog.example"),
        ("http://[2606:4700::1]:80/x", "[2606:4700::1]"),
        ("http://wwwx.example/http://y.example", "wwwx.example"),
    ],
)
def test_the_site_of_an_address(url, domain):
    assert records.domain_of(url) == domain
