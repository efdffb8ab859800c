"""Pages are kept under the event's version: quick, never stale, never somebody else's."""

import gzip

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client

from config import pages
from config.lib.http import VISITOR_COOKIE, VISITOR_SALT
from tests.factories import EventFactory, ProposalFactory, RoomFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept(settings, monkeypatch):
    settings.KEEP_PAGES = True
    monkeypatch.setattr(pages, "FRESH_SECONDS", 0)
    pages.store.clear()
    yield
    pages.store.clear()


@pytest.fixture
def event():
    event = EventFactory(slug="neo15")
    ProposalFactory(pitch__event=event, pitch__title="Money without a bank")
    return event


def test_a_kept_page_costs_one_query(client, event, django_assert_num_queries):
    first = client.get("/neo15/pitches/")
    with django_assert_num_queries(1):
        second = client.get("/neo15/pitches/")
    assert second.content == first.content
    assert first.status_code == 200


def test_an_unchanged_page_is_answered_with_304_and_few_bytes(client, event):
    etag = client.get("/neo15/pitches/")["ETag"]
    again = client.get("/neo15/pitches/", headers={"If-None-Match": etag})
    size = len(again.content) + sum(len(f"{k}: {v}\r\n") for k, v in again.items())
    assert again.status_code == 304
    assert size < 800


@pytest.mark.django_db(transaction=True)
def test_a_change_is_seen_at_once(client):
    event = EventFactory(slug="neo15")
    before = client.get("/neo15/pitches/")
    ProposalFactory(pitch__event=event, pitch__title="Money without a bank")
    after = client.get("/neo15/pitches/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "Money without a bank" in after.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_page_is_rendered_at_most_once_a_second(client, monkeypatch):
    monkeypatch.setattr(pages, "FRESH_SECONDS", 1000)
    event = EventFactory(slug="neo15")
    before = client.get("/neo15/pitches/")
    RoomFactory(event=event)
    assert client.get("/neo15/pitches/")["ETag"] == before["ETag"]


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("br", None)])
def test_a_kept_page_is_compressed(client, event, coding, unpack):
    plain = client.get("/neo15/pitches/").content
    packed = client.get("/neo15/pitches/", headers={"Accept-Encoding": coding})
    assert packed["Content-Encoding"] == coding
    assert len(packed.content) < len(plain) / 2
    if unpack:
        assert unpack(packed.content) == plain


def test_each_language_has_its_own_page(client, event, monkeypatch):
    monkeypatch.setattr(pages, "FRESH_SECONDS", 1000)
    german = client.get("/neo15/pitches/", headers={"Accept-Language": "de"})
    english = client.get("/neo15/pitches/", headers={"Accept-Language": "en"})
    assert 'lang="de"' in german.content.decode()
    assert 'lang="en"' in english.content.decode()
    assert german["ETag"] != english["ETag"]


def test_nothing_is_kept_for_whoever_carries_a_session(event):
    client = Client()
    client.force_login(UserFactory(profile__name="Aylin Kaya"))
    client.get("/neo15/pitches/")
    anonymous = Client().get("/neo15/pitches/")
    assert "ETag" not in client.get("/neo15/pitches/")
    assert "Aylin Kaya" not in anonymous.content.decode()


def test_nothing_is_kept_for_whoever_carries_a_visitor_cookie(client, event):
    value = get_cookie_signer(salt=VISITOR_COOKIE + VISITOR_SALT).sign(
        "3f0e2a52-0f57-4f0b-9a39-2c7a3c2d7b11"
    )
    client.cookies[VISITOR_COOKIE] = value
    assert "ETag" not in client.get("/neo15/pitches/")


@pytest.mark.parametrize("path", ["/draft/pitches/", "/nothing/pitches/", "/%00/pitches/"])
def test_a_page_that_is_not_public_is_not_kept(client, path):
    EventFactory(slug="draft", draft=True)
    response = client.get(path)
    assert response.status_code == 404
    assert "ETag" not in response


def test_what_was_not_found_in_a_public_event_is_not_kept(client, event):
    for _ in range(2):
        response = client.get("/neo15/nothing-here/")
        assert response.status_code == 404
        assert "ETag" not in response


def test_an_anonymous_page_sets_no_cookie(client, event):
    assert client.get("/neo15/pitches/").cookies == {}
    assert client.get("/neo15/").cookies == {}


def test_a_kept_page_carries_the_security_headers(client, event):
    first, second = client.get("/neo15/pitches/"), client.get("/neo15/pitches/")
    for name in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"):
        assert second[name] == first[name]


def test_the_store_drops_what_was_used_longest_ago():
    store = pages.Store(max_bytes=250)
    for name in ("a", "b", "a", "c"):
        store.put((name,), pages.Page(etag=name, made_at=0, headers={}, bodies={"": b"x" * 100}))
    assert store.get(("b",)) is None
    assert store.get(("a",)) is not None
    assert store.get(("c",)) is not None
