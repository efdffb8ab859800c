"""Identifying by a mailed code: the whole way, and what must not happen on it."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from speakers import accounts
from speakers.models import User
from tests.factories import PitchFactory, UserFactory

pytestmark = pytest.mark.django_db

CONFIRM = reverse("account_confirm_login_code")
SIGN_UP = reverse("account_signup")


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def begin(client, email="aylin@example.org", name="Aylin Kaya", next_url="/imprint/", **extra):
    return client.post(SIGN_UP, {"name": name, "email": email, "next": next_url}, **extra)


def mailed_code(email="aylin@example.org"):
    mail = Email.objects.filter(to=[email]).latest("id")
    return re.search(r"^(\d{6})$", mail.message, re.MULTILINE)[1]


def enter(client, code, next_url="/imprint/"):
    return client.post(f"{CONFIRM}?next={next_url}", {"code": code, "action": "verify"})


def user_of(client):
    return client.session.get("_auth_user_id")


def test_newcomer_gets_a_code_and_lands_where_the_form_said(client):
    response = begin(client)
    assert response.status_code == 302
    assert response.url == f"{CONFIRM}?next=%2Fimprint%2F"
    assert client.get(response.url).status_code == 200
    response = enter(client, mailed_code())
    assert (response.status_code, response.url) == (302, "/imprint/")
    user = User.objects.get(email="aylin@example.org")
    assert user_of(client) == str(user.pk)
    assert user.profile.name == "Aylin Kaya"
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user, primary=True).verified


def test_what_the_session_kept_survives_the_log_in(client):
    begin(client)
    session = client.session
    session["pitch"] = {"title": "Geld für alle"}
    session.save()
    enter(client, mailed_code())
    assert user_of(client)
    assert client.session["pitch"] == {"title": "Geld für alle"}


def test_known_person_keeps_profile_and_language_whatever_name_is_given(client):
    user = UserFactory(email="aylin@example.org", profile__name="Aylin Kaya", language="en")
    begin(client, email="AYLIN@example.org", name="Somebody Else", HTTP_ACCEPT_LANGUAGE="de")
    enter(client, mailed_code())
    user.refresh_from_db()
    assert user_of(client) == str(user.pk)
    assert user.profile.name == "Aylin Kaya"
    assert user.language == "en"
    assert User.objects.count() == 1


def test_known_unknown_and_closed_accounts_get_the_same_answer(client):
    UserFactory(email="known@example.org")
    UserFactory(email="closed@example.org", is_active=False)
    pages = set()
    for email in ("known@example.org", "new@example.org", "closed@example.org"):
        client.cookies.clear()
        response = begin(client, email=email)
        page = client.get(response.url).content.decode().replace(email, "…")
        pages.add((response.status_code, response.url, page))
    assert len(pages) == 1


def test_closed_account_is_told_by_mail_only_and_gets_no_code(client):
    UserFactory(email="closed@example.org", is_active=False)
    begin(client, email="closed@example.org")
    mail = Email.objects.get(to=["closed@example.org"])
    assert "/account/signup/" in mail.message
    assert not re.search(r"\d{6}", mail.message)


def test_newcomer_is_named_by_whoever_confirms_not_by_whoever_began(client):
    begin(client, name="A Mean Name")
    client.cookies.clear()
    begin(client, name="Aylin Kaya")
    enter(client, mailed_code())
    profile = User.objects.get().profile
    assert profile.name == "Aylin Kaya"
    assert profile.slug.startswith("aylin-kaya-")


def test_newcomer_speaks_the_language_of_the_page(client):
    begin(client, HTTP_ACCEPT_LANGUAGE="en")
    assert User.objects.get().language == "en"
    assert Email.objects.get().subject.endswith("is your code")


def test_code_mail_is_written_in_the_language_of_the_account(client):
    UserFactory(email="aylin@example.org", language="de")
    begin(client, HTTP_ACCEPT_LANGUAGE="en")
    mail = Email.objects.get()
    assert mail.subject == f"{mailed_code()} ist dein Code"
    assert mail.html_message == ""


def test_wrong_code_is_refused_beside_the_field(client):
    begin(client)
    code = mailed_code()
    response = enter(client, "000000" if code != "000000" else "111111")
    assert response.status_code == 200
    assert response.context["verify_form"].errors["code"]
    assert user_of(client) is None


@pytest.mark.parametrize("code", ["", "\x00", "ä", "𝟙𝟚𝟛𝟜𝟝𝟞", "[" * 65_536])
def test_strange_code_is_refused(client, code):
    begin(client)
    assert enter(client, code).status_code == 200
    assert user_of(client) is None


def test_code_dies_after_three_wrong_ones(client):
    begin(client)
    code = mailed_code()
    wrong = "000000" if code != "000000" else "111111"
    for _attempt in range(3):
        response = enter(client, wrong)
    assert response.status_code == 302
    enter(client, code)
    assert user_of(client) is None


def test_code_works_once(client):
    begin(client)
    code = mailed_code()
    enter(client, code)
    client.post(reverse("account_logout"))
    enter(client, code)
    assert user_of(client) is None


def test_code_of_another_browser_does_not_work(client):
    begin(client)
    enter(Client(), mailed_code())
    other = Client()
    begin(other, email="other@example.org")
    enter(other, mailed_code())
    assert user_of(other) is None


def test_code_expires_after_a_quarter_of_an_hour(client):
    begin(client)
    session = client.session
    login = session["account_login"]
    login["state"]["stages"]["login_by_code"]["data"]["at"] -= 15 * 60 + 1
    session["account_login"] = login
    session.save()
    enter(client, mailed_code())
    assert user_of(client) is None


def test_second_code_replaces_the_first(client):
    begin(client)
    first = mailed_code()
    response = client.post(f"{CONFIRM}?next=/imprint/", {"action": "resend"})
    assert response.url == f"{CONFIRM}?next=%2Fimprint%2F"
    second = mailed_code()
    if first != second:
        enter(client, first)
        assert user_of(client) is None
    enter(client, second)
    assert user_of(client)


def test_sixth_code_for_an_address_within_five_minutes_is_refused(client):
    for _attempt in range(5):
        assert begin(client).status_code == 302
    response = begin(client, HTTP_ACCEPT_LANGUAGE="de")
    assert response.status_code == 429
    assert "Zu viele Versuche. Bitte warte 5 Minuten." in response.content.decode()
    assert begin(client, email="other@example.org").status_code == 302
    assert Email.objects.filter(to=["aylin@example.org"]).count() == 5


def test_person_who_lost_the_way_still_lands_where_the_form_said(client):
    begin(client, next_url="/imprint/")
    response = client.post(CONFIRM, {"code": mailed_code(), "action": "verify"})
    assert response.url == "/imprint/"


def test_next_never_leads_to_another_site(client):
    response = begin(client, next_url="https://evil.example/")
    assert "evil" not in response.url
    response = enter(client, mailed_code(), next_url="https://evil.example/")
    assert "evil" not in response.url


def test_sign_up_shows_what_is_missing_and_keeps_what_was_typed(client):
    response = client.post(SIGN_UP, {"name": "\x00", "email": "aylin"})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"name", "email"}
    assert 'value="aylin"' in response.content.decode()
    assert not Email.objects.exists()


@pytest.mark.parametrize("name", ["a\x00b", "Zoë \u202e", "[" * 65_536, "x" * 81])
def test_strange_name_is_cleaned_or_refused(client, name):
    assert begin(client, name=name).status_code in (200, 302)


def test_account_made_by_hand_logs_in_with_one_code(client):
    user = UserFactory(email="aylin@example.org")
    assert not EmailAddress.objects.exists()
    begin(client)
    response = enter(client, mailed_code())
    assert response.url == "/imprint/"
    assert user_of(client) == str(user.pk)
    assert Email.objects.count() == 1
    assert EmailAddress.objects.get(user=user).verified


def test_unconfirmed_accounts_are_tidied_after_two_days(client):
    begin(client, email="new@example.org")
    begin(client, email="old@example.org")
    begin(client, email="confirmed@example.org")
    enter(client, mailed_code("confirmed@example.org"))
    hosting = accounts.create("hosting@example.org", name="Bela", language="de")
    PitchFactory(owner=hosting)
    by_hand = UserFactory()
    now = timezone.now()
    User.objects.exclude(email="new@example.org").update(date_joined=now - dt.timedelta(days=3))
    assert accounts.tidy_unconfirmed(now) == 1
    assert set(User.objects.values_list("email", flat=True)) == {
        "new@example.org", "confirmed@example.org", "hosting@example.org", by_hand.email,
    }  # fmt: skip
