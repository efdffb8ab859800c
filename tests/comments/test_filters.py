"""What turns a text away and what holds it, each for its reason, in their order."""

import datetime as dt
import uuid

import pytest

from comments import filters, posting, refusals, stamps, upkeep
from comments.filters import Sent, Text
from comments.models import Ban, Closure, Comment, Filter, Rules, TurnedAway
from comments.writers import Guest
from config.lib.text import COMMENT_MAX_LENGTH, TooLong, render_markdown
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    MembershipFactory,
    PitchFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
UUID = uuid.uuid4()
HANNA = Guest(name="Hanna", visitor=uuid.uuid4())
LINKS = "<https://a.example> and <https://b.example>"
LONG = "The same words below several pitches, forty letters at least."


def sent(age=60 * SECOND, **said):
    return Sent(**{"stamp": stamps.fresh(NOW - age), **said})


def text_of(body, **said):
    return Text(body=body, html=render_markdown(body), **said)


@pytest.fixture
def pitch():
    """One whose event knows Hanna's browser."""
    known = CommentFactory(guest=True, visitor=HANNA.visitor)
    return PitchFactory(event=known.pitch.event)


def test_what_passes_everything_is_published(pitch):
    posted = posting.post(pitch, guest=HANNA, body="Hello", sent=sent(), now=NOW)

    assert (posted.comment.state, posted.comment.held_because) == ("published", "")
    assert not TurnedAway.objects.exists()


def test_a_text_is_turned_away_for_the_first_reason_that_it_meets(pitch):
    said = {"guest": HANNA, "body": "Hello", "sent": sent(age=SECOND, trap="Buy"), "now": NOW}
    ban = Ban.objects.create(event=pitch.event, visitor=HANNA.visitor)
    closure = Closure.objects.create(pitch=pitch)
    seen = []

    def meet(refusal, **changed):
        with pytest.raises(refusal) as error:
            posting.post(pitch, **{**said, **changed})
        seen.append((str(error.value), TurnedAway.objects.latest("pk").reason))

    meet(TooLong, body="a" * (COMMENT_MAX_LENGTH + 1))
    meet(refusals.ThreadClosed)
    closure.delete()
    meet(refusals.Banned)
    ban.delete()
    meet(refusals.Trapped)
    meet(refusals.TooQuick, sent=sent(age=SECOND))

    reasons = [Filter.SIZE, Filter.CLOSED, Filter.BANNED, Filter.HONEYPOT, Filter.TIMESTAMP]
    assert [reason for _words, reason in seen] == reasons
    assert len({words for words, _reason in seen}) == 5
    assert TurnedAway.objects.filter(event=pitch.event, at=NOW).count() == 5
    assert not pitch.comments.exists()


@pytest.mark.parametrize(
    ("age", "refusal"),
    [
        (dt.timedelta(), refusals.TooQuick),
        (2.99 * SECOND, refusals.TooQuick),
        (3 * SECOND, None),
        (24 * HOUR, None),
        (24 * HOUR + SECOND, refusals.FormExpired),
    ],
)
def test_a_form_lives_from_three_seconds_to_a_day(age, refusal):
    stamp = stamps.fresh(NOW - age)

    if refusal is None:
        stamps.check(stamp, now=NOW)
    else:
        with pytest.raises(refusal):
            stamps.check(stamp, now=NOW)


@pytest.mark.parametrize("stamp", ["", ":", "1", "9" * 5_000, "\x00", "\ud800", "ä:ö"])
def test_a_forged_stamp_is_as_good_as_none(stamp):
    forged = f"{int(NOW.timestamp() * 1000)}:{stamps.fresh(NOW - HOUR).partition(':')[2]}"
    for value in (stamp, forged):
        with pytest.raises(refusals.FormExpired):
            stamps.check(value, now=NOW)
        assert stamps.again(value, now=NOW) == stamps.fresh(NOW)


def test_members_need_no_stamp_but_fall_into_the_trap(pitch):
    aylin = UserFactory()

    assert posting.post(pitch, by=aylin, body="Hello", sent=Sent(), now=NOW).is_new
    with pytest.raises(refusals.Trapped):
        posting.post(pitch, by=aylin, body="Hello", sent=Sent(trap="Buy"), now=NOW)


@pytest.mark.parametrize("who", ["member", "guest"])
def test_the_same_long_text_below_another_pitch_within_a_day_is_held(pitch, who):
    writer = {"by": UserFactory()} if who == "member" else {"guest": HANNA}
    other = PitchFactory(event=pitch.event)

    def state(pitch, body, at):
        comment = posting.post(pitch, body=body, now=NOW + at, **writer).comment
        return comment.state, comment.held_because

    published, held = ("published", ""), ("awaiting_moderation", "duplicate")
    assert state(pitch, LONG, 0 * HOUR) == published
    assert state(other, LONG, HOUR) == held
    assert state(pitch, LONG[:39], 0 * HOUR) == published
    assert state(other, LONG[:39], HOUR) == published
    assert state(pitch, LONG, HOUR) == held  # once held below another
    assert state(PitchFactory(event=pitch.event), LONG, 25 * HOUR) == published


def test_the_same_long_text_of_others_holds_nothing(pitch):
    posting.post(pitch, by=UserFactory(), body=LONG, now=NOW)

    assert posting.post(PitchFactory(), by=UserFactory(), body=LONG, now=NOW).comment.is_published


def test_what_moderators_took_away_is_held_when_it_comes_again(pitch):
    aylin = UserFactory()
    CommentFactory(pitch=pitch, author=aylin, body=LONG, state="removed", created_at=NOW)

    again = posting.post(pitch, by=aylin, body=LONG, now=NOW + HOUR).comment

    assert again.held_because == Filter.DUPLICATE


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        ("Visit our CASINO", True),
        ("Onlinecasinos!", True),
        ("Visit our ca**si**no", True),
        ("Visit our cas&#105;no", True),
        ("ca\u200bsino and ｃａｓｉｎｏ", True),
        ("STRASSE 7", True),
        ("Visit our cas ino", False),
    ],
)
def test_a_listed_word_holds_in_any_guise(body, holds):
    rules = Rules(words="\n  \nCasino\r\nstraße 7\n")

    assert filters.of_text(text_of(body), rules) == [Filter.WORDS] * holds


def test_a_listed_word_holds_in_name_and_site_too():
    rules = Rules(words="casino")

    assert text_of("Hello", name="Casino Royal").has_word(rules)
    assert text_of("Hello", site="https://casino.example").has_word(rules)
    assert not text_of("Hello").has_word(Rules(words=""))


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("No link", 0),
        ("[a](https://a.example)", 1),
        (LINKS, 2),
        ("https://a.example and www.b.example", 2),
        ("<https://a.example> https://b.example [m](mailto:x@y.example)", 3),
        ("`https://a.example`", 1),
        ("A [heading](/neo/pitches/) of ours", 0),
        ("![a](https://a.example/a.png)", 1),
    ],
)
def test_links_are_counted_as_rendered_and_as_typed(body, number):
    assert text_of(body).links == number


def test_links_hold_from_the_number_of_the_event(pitch):
    rules = Rules.objects.create(event=pitch.event, links_to_hold=3)
    three = f"{LINKS} <https://c.example>"

    assert filters.of_text(text_of(three), rules) == [Filter.LINKS]
    assert filters.of_text(text_of(LINKS), rules) == []
    assert filters.of_text(text_of(LINKS), Rules()) == [Filter.LINKS]


def test_a_mention_of_a_host_is_no_link():
    host = HostFactory(person__profile__name="Aylin Kaya")
    body = "@Aylin, [one](https://a.example) link"

    posted = posting.post(host.pitch, by=UserFactory(), body=body, now=NOW).comment

    assert host.person.profile.get_absolute_url() in posted.body_html
    assert posted.is_published


def test_a_text_is_held_for_the_first_reason_of_several(pitch):
    Rules.objects.create(event=pitch.event, words="words")
    stranger = Guest(name="Ida", visitor=uuid.uuid4())
    CommentFactory(guest=True, visitor=stranger.visitor, body=f"{LONG} {LINKS}", created_at=NOW)

    def held(body):
        return posting.post(pitch, guest=stranger, body=body, now=NOW + HOUR).comment.held_because

    assert held(f"{LONG} {LINKS}") == Filter.DUPLICATE
    assert held(f"Words {LINKS}") == Filter.WORDS
    assert held(LINKS) == Filter.LINKS
    assert held("Hello") == Filter.FIRST_POST


def test_first_is_who_has_nothing_published_in_this_event(pitch):
    event = pitch.event
    email = {"guest_email": "Ida@example.org", "guest": True}
    CommentFactory(pitch__event=event, **email)
    CommentFactory(pitch__event=event, guest=True, state="awaiting_moderation", visitor=UUID)
    CommentFactory(guest=True, visitor=UUID)

    def is_held(**said):
        body = f"Hello {uuid.uuid4()}"
        posted = posting.post(pitch, guest=Guest(name="Ida", **said), body=body, now=NOW)
        return posted.comment.held_because == Filter.FIRST_POST

    assert is_held()
    assert is_held(visitor=UUID)
    assert is_held(email="ida@example.org")  # anybody may have typed that
    assert not is_held(visitor=HANNA.visitor)
    Comment.objects.filter(guest_email="Ida@example.org").update(email_confirmed=True)
    assert not is_held(email="ida@example.org")


@pytest.mark.parametrize("who", ["host", "moderator", "member"])
def test_words_and_links_of_hosts_and_moderators_hold_nothing(who):
    pitch, user = PitchFactory(), UserFactory()
    Rules.objects.create(event=pitch.event, words="casino")
    if who == "host":
        HostFactory(pitch=pitch, person=user)
    elif who == "moderator":
        MembershipFactory(event=pitch.event, user=user, role="moderator")

    posted = [posting.post(pitch, by=user, body=body, now=NOW) for body in ("Casino", LINKS)]

    assert [p.comment.is_published for p in posted] == [who != "member"] * 2


def test_that_a_text_was_turned_away_is_forgotten_after_a_month():
    filters.note(EventFactory(), Filter.SIZE, now=NOW)
    upkeep.every_day(NOW + dt.timedelta(days=29))
    assert TurnedAway.objects.exists()

    upkeep.every_day(NOW + dt.timedelta(days=30))
    assert not TurnedAway.objects.exists()
