"""Front page, legal pages, language, pictures and health."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from config import queue
from tests.factories import EventFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_front_leads_to_the_event_when_there_is_one(client):
    EventFactory(slug="neo15")
    assert client.get("/").headers["Location"] == "/neo15/"


def test_front_lists_events_when_there_are_several(client):
    today = timezone.localdate()
    EventFactory(name="Yesterday Camp", starts_on="2015-11-09", ends_on="2015-11-10")
    EventFactory(name="Today Camp", starts_on=today, ends_on=today)
    EventFactory(name="Secret Camp", draft=True)
    html = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert html.index("Today Camp") < html.index("Yesterday Camp")
    assert "2 unconferences" in html
    assert "Secret Camp" not in html


def test_front_shows_a_draft_to_its_organiser(client):
    membership = MembershipFactory(event__draft=True, event__slug="soon")
    client.force_login(membership.user)
    assert client.get("/").headers["Location"] == "/soon/"


def test_front_says_what_happens_next_when_there_is_no_event(client):
    html = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "No event is public yet. Organisers open one in the desk." in html


@pytest.mark.parametrize("path", ["/imprint/", "/privacy/", "/accessibility/"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_legal_pages_answer_without_a_cookie(client, path, language):
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    assert response.cookies == {}
    assert f'<html lang="{language}"' in response.content.decode()


def test_imprint_shows_who_is_responsible(client, settings):
    settings.IMPRINT = "**Ada e. V.**"
    assert "<strong>Ada e. V.</strong>" in client.get("/imprint/").content.decode()


def test_language_is_remembered_in_a_cookie(client):
    response = client.post("/language/", {"language": "en", "next": "/privacy/"})
    assert (response.status_code, response["Location"]) == (303, "/privacy/")
    assert 'lang="en"' in client.get("/privacy/").content.decode()


def test_language_is_remembered_in_the_account(client):
    user = UserFactory(language="en")
    client.force_login(user)
    client.post("/language/", {"language": "de"})
    user.refresh_from_db()
    assert user.language == "de"


@pytest.mark.parametrize(
    ("language", "target"),
    [("xx", "/"), ("de\x00", "/"), ("", "/"), ("de", "https://evil.example/")],
)
def test_language_ignores_what_it_does_not_know(client, settings, language, target):
    response = client.post("/language/", {"language": language, "next": target})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert (settings.LANGUAGE_COOKIE_NAME in response.cookies) == (language == "de")


def test_language_refuses_get(client):
    assert client.get("/language/").status_code == 405


def test_picture_is_served_for_a_year(client):
    default_storage.save("people/abc234.webp", ContentFile(b"RIFF"))
    response = client.get("/media/people/abc234.webp")
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"".join(response.streaming_content) == b"RIFF"


@pytest.mark.parametrize("path", ["/media/people/none.webp", "/media/people/../x.webp", "/media/x"])
def test_picture_that_does_not_exist_is_404(client, path):
    assert client.get(path).status_code == 404


def test_healthz_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_readyz_is_ok_when_everything_is(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.content == b"database: ok\nmigrations: ok\nqueue: ok\n"


def test_readyz_fails_when_the_queue_falls_behind(client, monkeypatch):
    monkeypatch.setattr(queue, "keeps_up", lambda now: False)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"database: ok\nmigrations: ok\nqueue: failed\n"


def test_readyz_fails_when_a_migration_is_missing(client, settings):
    settings.MIGRATION_MODULES = {}  # the tables of the tests came from the models, see pyproject
    assert b"migrations: failed" in client.get("/readyz").content


def test_every_answer_has_the_strict_policy(client):
    for path in ("/imprint/", "/nothing-here/", "/healthz"):
        policy = client.get(path)["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy
