"""A member's own data: to read, to take along, to erase."""

import json
import time

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import timezone

from comments import notifications
from comments.models import Ban, Flag, Follow, Mute, Visit
from sessions import decisions
from sessions.models import Move, OrganiserNote, Pitch, SavedFilter, Unavailability, Vote
from speakers.models import User
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    InterestFactory,
    LikeFactory,
    MembershipFactory,
    PasskeyFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import during, hour
from tests.logins import session_of

pytestmark = pytest.mark.django_db

DATA, JSON, ERASE = "/account/data/", "/account/data.json", "/account/erase/"
WISH = {"comments": "take", "pitches": "take", "email": "Me@example.org"}


@pytest.fixture
def me():
    return UserFactory(email="me@example.org", profile__name="Mia Müller")


@pytest.fixture
def mine(me):
    """A browser whose owner has just logged in."""
    return _browser(me)


def _browser(user):
    client = Client(headers={"Accept-Language": "en"})
    client.cookies[site.SESSION_COOKIE_NAME] = session_of(user)
    return client


def test_the_page_shows_what_is_mine_and_nothing_of_others(mine, me):
    CommentFactory(author=me, body="My own words", state="awaiting_moderation")
    LikeFactory(user=me, comment__body="Words of others", comment__author__email="o@example.org")
    InterestFactory(user=me, proposal__pitch__title="Money")
    html = mine.get(DATA).content.decode()
    assert "My own words" in html
    assert "Money" in html
    assert "Words of others" not in html
    assert "o@example.org" not in html


def test_the_page_says_choices_times_and_truths_in_the_readers_words(mine, me):
    CommentFactory(author=me, state="awaiting_moderation")
    Unavailability.objects.create(event=EventFactory(), person=me, during=during(hour(1)))
    html = mine.get(DATA, headers={"Accept-Language": "de"}).content.decode()
    shown = ["<dd>Englisch</dd>", "<dd>wartet auf Freigabe</dd>", "<dd>nein</dd>"]
    shown.append("<dd>09.11.2026 10:00, 09.11.2026 10:45</dd>")
    assert [words for words in shown if words not in html] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_export_asks_equally_often_for_many_rows(mine, me, rows, django_assert_num_queries):
    for _row in range(rows):
        proposal = ProposalFactory(pitch__owner=me)
        CommentFactory(author=me, pitch=proposal.pitch)
        for kind in (LikeFactory, InterestFactory, MembershipFactory, PasskeyFactory):
            kind(user=me)
        HostFactory(person=me)
        OrganiserNote.objects.create(pitch=proposal.pitch, author=me, text="Big room")
        decisions.accept(proposal, by=me)
        decisions.prepare(ProposalFactory(pitch=proposal.pitch), "declined", by=me)
        Vote.objects.create(proposal=proposal, organiser=me, value=1)
        SavedFilter.objects.create(event=proposal.pitch.event, person=me, name="Mine", query="q=a")
        other = CommentFactory(pitch=proposal.pitch)
        notifications.published(other, now=timezone.now())
        Move.objects.create(event=proposal.pitch.event, proposal=proposal, by=me, at=timezone.now())
        Follow.objects.create(pitch=other.pitch, user=me)
        Visit.objects.create(pitch=other.pitch, user=me, latest=timezone.now())
        Mute.objects.create(root=other, user=me)
        Flag.objects.create(comment=other, user=me, reason="spam")
        Ban.objects.create(event=other.pitch.event, user=me)
    mine.get(JSON)
    with django_assert_num_queries(43):
        assert mine.get(JSON).status_code == 200


def test_the_download_is_json_in_utf_8_with_iso_dates(mine, me):
    InterestFactory(user=me)
    response = mine.get(JSON)
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="my-data-{day}.json"'
    assert "Mia Müller".encode() in response.content
    (interest,) = json.loads(response.content)["interests"]
    assert timezone.datetime.fromisoformat(interest["created_at"]).tzinfo is not None
    assert "no-store" in response["Cache-Control"]


def test_the_download_holds_no_secret(mine, me):
    PasskeyFactory(user=me)
    me.set_password("correct horse battery")
    me.save()
    said = json.loads(_browser(me).get(JSON).content)
    assert [sorted(row) for row in said["log_in_factors"]] == [
        ["last_used", "name", "since", "type"]
    ]
    assert me.password not in json.dumps(said)


def test_erasing_logs_out_and_says_so(mine, me):
    response = mine.post(ERASE, WISH)
    assert "You are forgotten here" in response.content.decode()
    assert not User.objects.filter(pk=me.pk).exists()
    assert mine.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "change", [{"email": "other@example.org"}, {"email": ""}, {"comments": ""}, {"pitches": "sell"}]
)
def test_erasing_shows_errors_again_with_what_was_typed(mine, me, change):
    PitchFactory(owner=me)
    response = mine.post(ERASE, WISH | {"comments": "keep"} | change)
    html = response.content.decode()
    assert "Please check 1 answer" in html
    assert f'value="{(WISH | change)["email"]}"' in html or not change.get("email", "x")
    assert User.objects.filter(pk=me.pk).exists()


def test_erasing_keeps_what_was_wished(mine, me):
    pitch = PitchFactory(owner=me)
    mine.post(ERASE, WISH | {"pitches": "keep"})
    assert Pitch.objects.get(pk=pitch.pk).state == "public"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", [ERASE, "/account/erase/prove/", DATA, JSON])
def test_strangers_are_sent_to_the_log_in(client, path, method):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Location"]) == (
        302, f"/account/login/?next={path}"
    )  # fmt: skip


def test_looking_erases_nothing(mine, me):
    for path in (ERASE, "/account/erase/prove/"):
        mine.get(path, WISH)
    assert User.objects.filter(pk=me.pk).exists()


def test_an_old_log_in_is_not_enough(me):
    client = _browser(me)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "code", "at": time.time() - 16 * 60, "email": me.email}
    ]
    session.save()
    response = client.post(ERASE, WISH)
    assert "we log you out and send a code to me@example.org" in response.content.decode()
    assert User.objects.filter(pk=me.pk).exists()


def test_a_mailed_code_leads_back_to_the_page(mine, me):
    response = mine.post("/account/erase/prove/")
    assert response["Location"] == "/account/login/code/confirm/?next=%2Faccount%2Ferase%2F"


def test_whoever_has_a_passkey_proves_it_with_that(me):
    PasskeyFactory(user=me)
    client = Client()
    client.force_login(me)
    assert client.get(ERASE)["Location"].startswith("/account/2fa/webauthn/reauthenticate/")


def test_the_last_organiser_cannot_leave(mine, me):
    membership = MembershipFactory(user=me, event__name="Camp")
    response = mine.post(ERASE, WISH)
    assert response.status_code == 409
    assert "Nobody else organises Camp." in response.content.decode()
    MembershipFactory(event=membership.event, role="moderator")
    assert mine.post(ERASE, WISH).status_code == 409
    MembershipFactory(event=membership.event)
    assert mine.post(ERASE, WISH).status_code == 200
    assert not User.objects.filter(pk=me.pk).exists()


def test_the_last_superuser_cannot_leave(mine, me):
    User.objects.filter(pk=me.pk).update(is_superuser=True, is_staff=True)
    assert mine.post(ERASE, WISH).status_code == 409
    UserFactory(is_superuser=True)
    assert mine.post(ERASE, WISH).status_code == 200


def test_the_page_says_what_becomes_of_pitches(mine, me):
    PitchFactory(owner=me, draft=True, event=EventFactory())
    html = mine.get(ERASE).content.decode()
    assert "Your draft, which nobody has seen." in html
    assert 'name="pitches"' not in html
