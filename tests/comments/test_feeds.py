"""Comments in a feed reader: of a pitch and of an event."""

import datetime as dt
import time

import pytest
from django.utils import timezone
from django.utils.http import http_date

from comments.models import Comment
from config import pages
from sessions.models import Event, Pitch
from tests import feeds
from tests.factories import CommentFactory, EventFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pitch():
    return PitchFactory(
        title="Cork & <Co>",
        event__slug="neo15",
        event__name="NEO & Co",
        event__changed_at=timezone.now() - dt.timedelta(hours=1),
    )


@pytest.fixture(params=["pitch", "event"])
def url(request, pitch):
    return {
        "pitch": f"/neo15/pitches/{pitch.code}/comments.atom",
        "event": "/neo15/feeds/comments.atom",
    }[request.param]


def titles(parsed):
    return [entry.title for entry in parsed.entries]


def test_a_feed_without_entries_is_valid(client, url):
    parsed = feeds.check(client.get(url))

    assert parsed.entries == []
    assert client.get(url).content == client.get(url).content


def test_a_feed_is_valid_and_shows_name_text_and_address(client, pitch, url):
    comment = CommentFactory(
        pitch=pitch,
        author=UserFactory(profile__name="Änne <b> & Söhne"),
        body_html='<p>Is it <em>warm</em> &amp; dry? <a href="../x/">There</a></p>\n',
        created_at=NOW,
        edited_at=NOW + dt.timedelta(minutes=3),
    )

    parsed = feeds.check(client.get(url))

    (entry,) = parsed.entries
    assert entry.title_detail.value == "Änne <b> & Söhne on “Cork & <Co>”"
    assert entry.author == "Änne <b> & Söhne"
    assert entry.link == f"http://testserver{comment.get_absolute_url()}"
    assert entry.published == "2026-10-01T12:00:00+00:00"
    assert entry.updated == "2026-10-01T12:03:00+00:00"
    assert entry.id == f"tag:testserver,2026-10-01:comment/{comment.pk}"
    assert "<em>warm</em> &amp; dry?" in entry.content[0].value
    assert 'href="http://testserver/neo15/pitches/x/"' in entry.content[0].value


def test_the_feed_of_a_pitch_and_of_its_event_name_a_comment_alike(client, pitch):
    CommentFactory(pitch=pitch)
    of_pitch = feeds.check(client.get(f"/neo15/pitches/{pitch.code}/comments.atom"))
    of_event = feeds.check(client.get("/neo15/feeds/comments.atom"))

    assert of_pitch.entries == of_event.entries
    assert of_pitch.feed.id != of_event.feed.id
    assert of_pitch.feed.title == "Comments on “Cork & <Co>”"
    assert of_event.feed.title == "Comments at NEO & Co"


def test_the_newest_fifty_come_newest_first(client, pitch, url):
    for number in range(52):
        CommentFactory(
            pitch=pitch,
            guest=True,
            guest_name=f"Guest {number}",
            created_at=NOW,
            published_at=NOW + dt.timedelta(hours=-number % 52),
        )

    found = titles(feeds.check(client.get(url)))

    assert found == [f"Guest {number} on “Cork & <Co>”" for number in range(1, 51)]


def test_only_what_is_published_stands_in_a_feed(client, pitch, url):
    for state in Comment.State:
        comment = CommentFactory(pitch=pitch, guest=True, guest_name=state, body_html=state)
        gone = {"guest_name": "", "guest_email": "", "body": "", "body_html": ""}
        Comment.objects.filter(pk=comment.pk).update(
            state=state,
            left_at=NOW if state == Comment.State.LEAVING else None,
            **(gone if state == Comment.State.DELETED else {}),
        )

    (entry,) = feeds.check(client.get(url)).entries

    assert entry.author == Comment.State.PUBLISHED


def test_a_pitch_that_does_not_hang_is_in_no_feed_for_its_host_either(client, pitch):
    CommentFactory(pitch=pitch, guest=True, guest_name="Secret")
    client.force_login(pitch.owner)
    for state in (Pitch.State.DRAFT, Pitch.State.HIDDEN, Pitch.State.WITHDRAWN):
        Pitch.objects.update(state=state)
        assert client.get(f"/neo15/pitches/{pitch.code}/comments.atom").status_code == 404
        assert titles(feeds.check(client.get("/neo15/feeds/comments.atom"))) == []


def test_other_events_stay_out_of_a_feed(client, pitch):
    other = CommentFactory(pitch__event__slug="other").pitch

    assert titles(feeds.check(client.get("/neo15/feeds/comments.atom"))) == []
    assert client.get(f"/neo15/pitches/{other.code}/comments.atom").status_code == 404


def test_control_characters_break_no_feed(client, pitch, url):
    every = "".join(map(chr, [*range(1, 32), *range(127, 160), 0xFFFE, 0xFFFF, 0x2028]))
    Pitch.objects.update(title=f"Co{every}rk")
    CommentFactory(
        pitch=pitch, guest=True, guest_name=f"Ha{every}nna", body_html=f"<p>]]>{every}</p>"
    )
    feeds.check(client.get(url))


def test_a_name_of_control_characters_alone_is_still_a_name(client, pitch):
    CommentFactory(pitch=pitch, guest=True, guest_name="\x01")
    feeds.check(client.get("/neo15/feeds/comments.atom"))


def test_whoever_has_left_has_a_name(client, pitch):
    CommentFactory(pitch=pitch, author=None)
    assert (
        feeds.check(client.get("/neo15/feeds/comments.atom")).entries[0].author
        == "Somebody who has left"
    )


@pytest.mark.parametrize("count", [1, 3, 50])
def test_a_feed_asks_as_often_for_fifty_comments_as_for_one(
    client, pitch, url, count, django_assert_num_queries
):
    author = UserFactory()
    for _ in range(count):
        CommentFactory(pitch=pitch, author=author)

    with django_assert_num_queries(2 if "feeds" in url else 3):
        parsed = feeds.check(client.get(url))

    assert len(parsed.entries) == count


def test_feeds_are_found_from_the_pages(client, pitch):
    link = '<link rel="alternate" type="application/atom+xml" href="{}" title="Comments">'
    of_pitch = link.format(f"/neo15/pitches/{pitch.code}/comments.atom")
    of_event = link.format("/neo15/feeds/comments.atom")
    assert of_pitch in client.get(pitch.get_absolute_url()).content.decode()
    assert of_event in client.get("/neo15/").content.decode()
    assert of_event in client.get("/neo15/pitches/").content.decode()


def test_a_feed_speaks_the_language_of_the_event_unless_another_is_wished(client, pitch):
    Event.objects.update(language="de")
    url = "/neo15/feeds/comments.atom"
    assert feeds.check(client.get(url)).feed.title == "Kommentare bei NEO & Co"
    english = client.get(url, headers={"Accept-Language": "en"})
    assert feeds.check(english).feed.title == "Comments at NEO & Co"


@pytest.fixture(params=[False, True], ids=["rendered", "kept"])
def kept(request, settings, monkeypatch):
    """By the view itself, and from the store of finished pages above it."""
    settings.KEEP_PAGES = request.param
    monkeypatch.setattr(pages, "FRESH_SECONDS", 0)
    pages.store.clear()
    yield request.param
    pages.store.clear()


def test_an_unchanged_feed_is_answered_with_304(client, pitch, url, kept):
    first = client.get(url)
    assert first["Last-Modified"] == http_date(int(pitch.event.changed_at.timestamp()))

    for header, value in (
        ("If-None-Match", first["ETag"]),
        ("If-Modified-Since", first["Last-Modified"]),
    ):
        again = client.get(url, headers={header: value})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        assert again["Last-Modified"] == first["Last-Modified"]


def test_whoever_has_another_state_gets_the_feed(client, pitch, kept):
    for headers in (
        {"If-None-Match": '"another"'},
        {"If-Modified-Since": http_date(0)},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"another"', "If-Modified-Since": http_date(2**31)},
    ):
        feeds.check(client.get("/neo15/feeds/comments.atom", headers=headers))


def test_a_poll_by_date_fills_the_store(client, pitch, kept, django_assert_num_queries):
    since = {"If-Modified-Since": http_date(pitch.event.changed_at.timestamp())}
    for queries in (3, 1) if kept else (2, 2):
        with django_assert_num_queries(queries):
            again = client.get("/neo15/feeds/comments.atom", headers=since)
        assert again.status_code == 304


def test_a_date_is_told_only_when_its_second_is_over(client, kept):
    EventFactory(slug="new", changed_at=timezone.now())
    url = "/new/feeds/comments.atom"

    first = client.get(url)

    assert "Last-Modified" not in first
    since = {"If-Modified-Since": http_date(timezone.now().timestamp() + 1)}
    assert client.get(url, headers=since).status_code == 200
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kept", [True], indirect=True)
def test_a_feed_from_which_the_newest_is_deleted_is_not_the_same(client, kept, monkeypatch):
    monkeypatch.setattr("config.lib.http.SETTLED", dt.timedelta(0))
    event = EventFactory(slug="neo15", changed_at=timezone.now() - dt.timedelta(hours=1))
    comment = CommentFactory(pitch__event=event)
    url = "/neo15/feeds/comments.atom"
    Event.objects.filter(pk=event.pk).update(name="NEO")
    before = client.get(url)
    time.sleep(1 - time.time() % 1)  # dates count in seconds
    comment.delete()

    for header, name in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        after = client.get(url, headers={header: before[name]})
        assert titles(feeds.check(after)) == []
        assert after[name] != before[name]
