"""“I'm interested”: one click, no account, counted once."""

import datetime as dt
import threading
import uuid

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.lib import http
from sessions.models import Interest, Proposal
from tests.factories import InterestFactory, ProposalFactory, UserFactory

TODAY = timezone.now().date()
HTMX = {"HX-Request": "true"}


@pytest.fixture
def proposal(db) -> Proposal:
    return make_proposal()


def make_proposal() -> Proposal:
    return ProposalFactory(
        code="bbbbbb",
        pitch__code="aaaaaa",
        pitch__title="Bread",
        pitch__event__slug="neo",
        pitch__event__starts_on=TODAY + dt.timedelta(days=30),
        pitch__event__ends_on=TODAY + dt.timedelta(days=31),
    )


ADD = "/neo/sessions/bbbbbb/interest/"
REMOVE = "/neo/sessions/bbbbbb/interest/remove/"


def counts(proposal: Proposal) -> tuple[int, int]:
    """Members and visitors."""
    rows = proposal.interests
    return rows.filter(user__isnull=False).count(), rows.filter(visitor__isnull=False).count()


@pytest.mark.parametrize("method", ["post", "put"])
def test_click_without_account_counts_and_is_remembered_by_the_browser(client, proposal, method):
    response = getattr(client, method)(ADD)
    assert (response.status_code, response.url) == (303, proposal.get_absolute_url())
    assert list(response.cookies) == [http.VISITOR_COOKIE]
    cookie = response.cookies[http.VISITOR_COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert counts(proposal) == (0, 1)


def test_same_browser_counts_once_however_often_it_clicks(client, proposal):
    for _number in range(3):
        client.post(ADD)
    assert counts(proposal) == (0, 1)


def test_two_browsers_count_twice(proposal):
    Client().post(ADD)
    Client().post(ADD)
    assert counts(proposal) == (0, 2)


@pytest.mark.parametrize("way", [("post", REMOVE), ("delete", ADD)])
def test_interest_is_withdrawn_as_easily(client, proposal, way):
    method, url = way
    InterestFactory(proposal=proposal)
    client.post(ADD)
    response = getattr(client, method)(url)
    assert (response.status_code, counts(proposal)) == (303, (1, 0))
    assert getattr(client, method)(url).status_code == 303


def test_removing_leaves_no_cookie(client, proposal):
    assert dict(client.post(REMOVE).cookies) == {}


def test_reading_sets_no_cookie_and_forged_ones_count_for_nobody(client, proposal):
    assert dict(client.get(proposal.get_absolute_url()).cookies) == {}
    InterestFactory(proposal=proposal, user=None, visitor=(visitor := uuid.uuid4()))
    client.cookies[http.VISITOR_COOKIE] = str(visitor)
    client.post(REMOVE)
    assert counts(proposal) == (0, 1)


def test_member_counts_once_as_an_account_and_gets_no_cookie(client, proposal):
    client.force_login(user := UserFactory())
    response = client.post(ADD)
    client.post(ADD)
    assert http.VISITOR_COOKIE not in response.cookies
    assert counts(proposal) == (1, 0)
    assert proposal.interests.get().user == user
    client.post(REMOVE)
    assert counts(proposal) == (0, 0)


def test_hosts_are_told_that_they_come_anyway(client, proposal):
    client.force_login(proposal.pitch.owner)
    response = client.post(ADD)
    assert response.status_code == 303
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "This is your own session; you are there anyway."
    ]
    assert counts(proposal) == (0, 0)


@pytest.mark.parametrize(
    ("back", "landed"),
    [
        ("/neo/pitches/?page=2#pitch-aaaaaa", "/neo/pitches/?page=2#pitch-aaaaaa"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("\x00", None),
        ("", None),
    ],
)
def test_click_leads_back_to_where_it_was_made(client, proposal, back, landed):
    response = client.post(ADD, {"next": back})
    assert response.url == (landed or proposal.get_absolute_url())


def test_htmx_gets_the_button_alone(client, proposal):
    InterestFactory(proposal=proposal)
    response = client.post(ADD, {"size": "card", "next": "/neo/pitches/"}, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'aria-pressed="true"' in html
    assert f'action="{REMOVE}"' in html
    assert 'name="next" value="/neo/pitches/"' in html
    assert '<span aria-hidden="true">2</span>' in html
    assert "<html" not in html
    html = client.post(REMOVE, {"size": "card"}, headers=HTMX).content.decode()
    assert 'aria-pressed="false"' in html


def test_button_speaks_german(client, proposal):
    html = client.post(ADD, headers={**HTMX, "accept-language": "de"}).content.decode()
    assert "Du bist dabei (1)" in html


def test_number_stays_hidden_where_the_event_hides_it(client, proposal):
    event = proposal.pitch.event
    event.interest_counts = "never"
    event.save()
    html = client.post(ADD, headers={**HTMX, "accept-language": "en"}).content.decode()
    assert "You're in</button>" in html.replace("&#x27;", "'")


@pytest.mark.parametrize(
    "changes",
    [
        {"pitch_state": "draft"},
        {"pitch_state": "hidden"},
        {"pitch_state": "withdrawn"},
        {"state": "cancelled"},
        {"event_state": "draft"},
        {"event_state": "archived"},
        {"over": True},
    ],
)
def test_nobody_can_want_what_is_not_public_or_over(client, proposal, changes):
    pitch, event = proposal.pitch, proposal.pitch.event
    proposal.state = changes.get("state", "open")
    pitch.state = changes.get("pitch_state", "public")
    event.state = changes.get("event_state", "public")
    if "over" in changes:
        event.starts_on = event.ends_on = TODAY - dt.timedelta(days=3)
    for row in (proposal, pitch, event):
        row.save()
    assert client.post(ADD).status_code == 404
    assert Interest.objects.count() == 0


def test_session_of_another_event_is_not_there(client, proposal):
    ProposalFactory(pitch__event__slug="other")
    assert client.post("/other/sessions/bbbbbb/interest/").status_code == 404
    assert client.post("/neo/sessions/zzzzzz/interest/").status_code == 404


def test_looking_is_not_wanting(client, proposal):
    assert client.get(ADD).status_code == 405
    assert client.get(REMOVE).status_code == 405
    assert client.delete(REMOVE).status_code == 405


def log_in(client: Client, user) -> None:
    user.set_password("a long pass phrase")
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    data = {"login": user.email, "password": "a long pass phrase"}
    response = client.post("/account/login/password/", data)
    if response.status_code == 404:
        response = client.post("/account/login/", data)
    assert response.status_code == 302, response.content.decode()[:3000]


def test_log_in_passes_interests_on_without_counting_twice(client, proposal):
    user = UserFactory()
    InterestFactory(proposal=proposal, user=user)
    other = ProposalFactory(pitch__event=proposal.pitch.event)
    own = ProposalFactory(pitch__event=proposal.pitch.event, pitch__owner=user)
    for one in (proposal, other, own):
        client.post(f"/neo/sessions/{one.code}/interest/")
    log_in(client, user)
    assert [counts(one) for one in (proposal, other, own)] == [(1, 0), (1, 0), (0, 0)]
    assert client.cookies[http.VISITOR_COOKIE].value == ""


@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_of_one_browser_at_once_count_one():
    proposal = make_proposal()
    browser = Client()
    browser.post(ADD)
    cookie = browser.cookies[http.VISITOR_COOKIE].value
    proposal.interests.all().delete()
    answers = []

    def click(times: int) -> None:
        client = Client()
        client.cookies[http.VISITOR_COOKIE] = cookie
        answers.extend(client.post(ADD).status_code for _number in range(times))
        connection.close()

    threads = [threading.Thread(target=click, args=[5]) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 50
    assert counts(proposal) == (0, 1)
