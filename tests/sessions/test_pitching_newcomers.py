"""Write first, identify last: the whole way of somebody whom the site does not know."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from sessions.models import Event, Pitch
from speakers.models import User
from tests.factories import EventFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rate_limit_left():
    cache.clear()


@pytest.fixture
def event():
    day = timezone.now().date() + dt.timedelta(days=60)
    return EventFactory(slug="neo", starts_on=day, ends_on=day)


def written(**changes):
    return {
        "title": "Brot von „gestern“ 🍞",
        "body": "Zwei Sätze.\r\n\r\nReichen.",
        "session-0-format": "workshop",
        "name": "Şirin Öztürk",
        "email": "sirin@example.org",
        "do": "publish",
        **changes,
    }


def code_for(email):
    mails = Email.objects.filter(to__contains=email).order_by("-pk")
    return re.search(r"\b\d{6}\b", mails[0].message)[0]


def enter_code(client, answer, email="sirin@example.org"):
    return client.post(answer.url, {"code": code_for(email)})


def test_newcomer_lands_on_the_published_pitch_with_two_clicks(client, event):
    answer = client.post("/neo/pitches/new/", written())
    assert Pitch.objects.count() == 0
    answer = enter_code(client, answer)
    assert answer.url == "/neo/pitches/new/finish/"
    answer = client.get(answer.url)
    pitch = Pitch.objects.get()
    assert answer.url == pitch.get_absolute_url()
    assert (pitch.title, pitch.body, pitch.state) == (
        "Brot von „gestern“ 🍞",
        "Zwei Sätze.\n\nReichen.",
        "public",
    )
    assert pitch.proposals.get().format == "workshop"
    assert (pitch.owner.email, pitch.owner.profile.name) == ("sirin@example.org", "Şirin Öztürk")
    assert [host.person for host in pitch.hosts.all()] == [pitch.owner]


def test_newcomer_is_thanked_with_the_short_link_in_german(client, event):
    client.cookies["django_language"] = "de"
    enter_code(client, client.post("/neo/pitches/new/", written()))
    answer = client.get("/neo/pitches/new/finish/", follow=True)
    link = f"http://testserver/s/{Pitch.objects.get().code}/"
    thanks = f'Danke, dein Pitch hängt an der Wand. Teile ihn: <a href="{link}">{link}</a>'
    assert thanks in answer.content.decode()


def test_newcomer_who_wished_a_draft_lands_on_the_draft(client, event):
    enter_code(client, client.post("/neo/pitches/new/", written(do="draft", body="")))
    answer = client.get("/neo/pitches/new/finish/")
    pitch = Pitch.objects.get()
    assert (pitch.state, answer.url) == ("draft", f"/neo/pitches/{pitch.code}/edit/")
    page = client.get(answer.url).content.decode()
    assert re.search(r"Draft saved \d\d?:\d\d [ap]m<", page)


def test_finish_is_one_pitch_however_often_it_is_loaded(client, event):
    enter_code(client, client.post("/neo/pitches/new/", written()))
    answers = [client.get("/neo/pitches/new/finish/").url for _again in range(3)]
    assert answers == [Pitch.objects.get().get_absolute_url()] * 3


def test_finish_twice_at_once_is_one_pitch(client, event):
    enter_code(client, client.post("/neo/pitches/new/", written()))
    session = client.session
    kept = dict(session.items())
    client.get("/neo/pitches/new/finish/")
    session.update(kept)  # the second request had read its session before the first one saved
    session.save()
    answer = client.get("/neo/pitches/new/finish/")
    assert answer.url == Pitch.objects.get().get_absolute_url()


def test_submitting_twice_before_the_code_is_one_pitch(client, event):
    client.post("/neo/pitches/new/", written(title="Erster Klick"))
    answer = client.post("/neo/pitches/new/", written(title="Zweiter Klick"))
    enter_code(client, answer)
    client.get("/neo/pitches/new/finish/")
    assert Pitch.objects.get().title == "Zweiter Klick"


def test_existing_account_gets_the_pitch_and_keeps_its_name(client, event):
    user = UserFactory(email="sirin@example.org", profile__name="Şirin", language="de")
    enter_code(client, client.post("/neo/pitches/new/", written()))
    client.get("/neo/pitches/new/finish/")
    user.profile.refresh_from_db()
    assert (Pitch.objects.get().owner, user.profile.name) == (user, "Şirin")


def test_wrong_code_loses_nothing(client, event):
    answer = client.post("/neo/pitches/new/", written())
    right = code_for("sirin@example.org")
    wrong = "111111" if right != "111111" else "222222"
    assert client.post(answer.url, {"code": wrong}).status_code == 200
    client.post(answer.url, {"code": right})
    client.get("/neo/pitches/new/finish/")
    assert Pitch.objects.get().state == "public"


def test_going_back_before_the_code_shows_what_was_typed(client, event):
    client.post("/neo/pitches/new/", written(tags="Brot, Essen"))
    page = client.get("/neo/pitches/new/").content.decode()
    for typed in ("Brot von „gestern“ 🍞", "Zwei Sätze.", 'value="Brot, Essen"', "did not finish"):
        assert typed in page


def test_finish_without_log_in_leads_back_to_the_text(client, event):
    client.post("/neo/pitches/new/", written())
    answer = client.get("/neo/pitches/new/finish/", follow=True)
    assert answer.redirect_chain == [("/neo/pitches/new/", 302)]
    assert "Zwei Sätze." in answer.content.decode()
    assert Pitch.objects.count() == 0


def test_log_in_another_way_offers_the_text_once_more(client, event):
    client.post("/neo/pitches/new/", written())
    user = UserFactory()
    client.force_login(user)
    page = client.get("/neo/pitches/new/").content.decode()
    code = re.search(r'name="code" value="(\w+)"', page)[1]
    client.post("/neo/pitches/new/", written(code=code))
    assert (Pitch.objects.get().code, Pitch.objects.get().owner) == (code, user)
    assert "did not finish" not in client.get("/neo/pitches/new/").content.decode()


def test_forget_empties_the_page(client, event):
    client.post("/neo/pitches/new/", written())
    client.post("/neo/pitches/new/", {"do": "forget"})
    assert "Zwei Sätze." not in client.get("/neo/pitches/new/").content.decode()


def test_pitching_that_closes_before_the_code_keeps_the_pitch_as_a_draft(client, event):
    answer = client.post("/neo/pitches/new/", written())
    Event.objects.update(pitching_closes_at=timezone.now() - dt.timedelta(minutes=1))
    enter_code(client, answer)
    page = client.get("/neo/pitches/new/finish/", follow=True).content.decode()
    assert Pitch.objects.get().state == "draft"
    assert "Pitching is closed." in page
    assert "Zwei Sätze." in page


def test_too_many_codes_are_refused_with_everything_kept(client, event):
    answers = [client.post("/neo/pitches/new/", written()) for _click in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    page = refused[0].content.decode()
    assert "Too many attempts. Please wait 5 minutes." in page
    assert "Zwei Sätze." in page


def test_missing_name_and_address_are_named_and_nothing_is_lost(client, event):
    answer = client.post("/neo/pitches/new/", written(name=" \x00", email="nirgends"))
    page = answer.content.decode()
    assert "Please check 2 answers" in page
    assert "The name is missing." in page
    assert "This is not an e-mail address." in page
    assert "Zwei Sätze." in page
    assert User.objects.count() == 0


def test_page_sets_no_cookie_and_carries_no_code(client, event):
    answer = client.get(reverse("program:pitch_new", args=["neo"]))
    assert not answer.cookies
    assert 'name="code"' not in answer.content.decode()


def test_session_that_ended_while_writing_asks_who_it_is_and_loses_nothing(client, event):
    typed = written()
    del typed["name"], typed["email"]
    page = client.post("/neo/pitches/new/", typed).content.decode()
    assert "You are no longer logged in." in page
    assert "Zwei Sätze." in page
    assert 'name="email"' in page
    assert "Please check" not in page
