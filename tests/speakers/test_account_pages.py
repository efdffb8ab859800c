"""Every page of allauth wears our clothes, in both languages, under the strict policy."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.urls import reverse
from post_office.models import Email

from speakers.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "ein langes gutes Wort"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|data:image")
ANONYMOUS = [
    "account_login", "account_signup", "account_request_login_code", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key_done", "account_inactive",
]  # fmt: skip
MEMBERS = [
    "account", "account_email", "account_change_password", "account_logout", "mfa_index",
    "account_reauthenticate", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_activate_totp",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


@pytest.fixture
def aylin():
    user = UserFactory(email="aylin@example.org", password=PASSWORD, profile__name="Aylin Kaya")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def as_aylin(client, aylin):
    log_in(client)
    return client


def log_in(client, password=PASSWORD):
    """With the password, because it counts as a proof for what asks for one."""
    credentials = {"login": "aylin@example.org", "password": password}
    response = client.post(reverse("account_login"), credentials)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return response


def with_app(user):
    """Set up an authenticator app; returns a code for right now."""
    secret = "JBSWY3DPEHPK3PXP"
    totp.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return code_now(secret)


def code_now(secret):
    return totp.format_hotp_value(
        totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))
    )


def assert_ours(response, language="de"):
    page = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}"' in page
    assert "css/site.css" in page
    assert not INLINE.search(page)
    assert "csrfmiddlewaretoken" not in page
    assert "placeholder=" not in page
    assert len(re.findall("<h1", page)) == 1
    # Sentences in the polite form would come from allauth's own catalogue.
    assert not re.search(r"\b(Ihre?[nmrs]?|Ihnen)\b|\bSie (sind|haben|können|müssen)\b", page)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ANONYMOUS)
def test_page_for_everyone_is_ours_and_sets_no_cookie(client, name, language):
    response = client.get(reverse(name), HTTP_ACCEPT_LANGUAGE=language)
    assert_ours(response, language)
    assert not response.cookies


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", MEMBERS)
def test_page_for_members_is_ours(as_aylin, name, language):
    assert_ours(as_aylin.get(reverse(name), HTTP_ACCEPT_LANGUAGE=language), language)


@pytest.mark.parametrize("name", MEMBERS)
def test_page_for_members_needs_log_in(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert "/login/" in response.url or response.url == "/"


@pytest.mark.parametrize(
    "name",
    ["mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"],
)
def test_page_for_members_with_an_app_is_ours(as_aylin, aylin, name):
    with_app(aylin)
    assert_ours(as_aylin.get(reverse(name)))


@pytest.mark.parametrize("name", ["mfa_reauthenticate", "account_reauthenticate"])
def test_page_that_asks_for_a_proof_is_ours(as_aylin, aylin, name):
    with_app(aylin)
    assert_ours(as_aylin.get(reverse(name)))


def test_password_page_of_somebody_without_one_is_ours(client):
    client.force_login(UserFactory())
    assert_ours(client.get(reverse("account_set_password")))
    response = client.post(
        reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD}
    )
    assert response.status_code == 302
    assert User.objects.get().check_password(PASSWORD)


def test_password_logs_in_and_a_wrong_one_does_not(client, aylin):
    response = log_in(client, "falsch")
    assert response.status_code == 200
    assert "Adresse und Passwort passen nicht zusammen." in response.content.decode()
    assert log_in(client).url == reverse("front")


def test_sixth_wrong_password_within_five_minutes_gets_429(client, aylin):
    for _attempt in range(5):
        assert log_in(client, "falsch").status_code == 200
    assert log_in(client, "falsch").status_code == 429
    assert log_in(client).status_code == 429


def test_log_in_page_mails_a_code_and_reveals_nothing(client, aylin):
    answers = set()
    for email in ("aylin@example.org", "nobody@example.org"):
        client.cookies.clear()
        response = client.post(reverse("account_login"), {"login": email})
        page = client.get(response.url).content.decode().replace(email, "…")
        answers.add((response.status_code, response.url, page))
    assert len(answers) == 1
    assert Email.objects.get(to=["nobody@example.org"]).subject == (
        "Zu dieser Adresse gibt es kein Konto"
    )


def test_sixth_code_from_the_log_in_page_gets_429(client, aylin):
    for _attempt in range(5):
        client.cookies.clear()
        assert client.post(reverse("account_login"), {"login": aylin.email}).status_code == 302
    client.cookies.clear()
    response = client.post(reverse("account_login"), {"login": aylin.email})
    assert response.status_code == 429
    assert "Zu viele Versuche. Bitte warte 5 Minuten." in response.content.decode()


def test_log_in_asks_for_the_app_as_well(client, aylin):
    code = with_app(aylin)
    response = log_in(client)
    assert response.url == reverse("mfa_authenticate")
    assert_ours(client.get(response.url))
    assert "_auth_user_id" not in client.session
    response = client.post(response.url, {"code": "000000" if code != "000000" else "111111"})
    assert_ours_with_error(response)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.session["_auth_user_id"] == str(aylin.pk)


def assert_ours_with_error(response):
    assert_ours(response)
    assert 'role="alert"' in response.content.decode()


def test_app_is_set_up_and_its_owner_is_told(as_aylin, django_capture_on_commit_callbacks):
    page = as_aylin.get(reverse("mfa_activate_totp"))
    assert "<svg" in page.content.decode()
    code = code_now(page.context["form"].secret)
    with django_capture_on_commit_callbacks(execute=True):
        response = as_aylin.post(reverse("mfa_activate_totp"), {"code": code})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert as_aylin.get(response.url).status_code == 200
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).count() == 1
    assert Email.objects.get().subject == "An authenticator app was set up"


def test_second_address_is_confirmed_by_code_and_becomes_the_main_one(as_aylin, aylin):
    page = reverse("account_email")
    response = as_aylin.post(page, {"action_add": "1", "email": "neu@example.org"})
    assert_ours(as_aylin.get(response.url))
    code = re.search(r"^(\d{6})$", Email.objects.latest("id").message, re.MULTILINE)[1]
    as_aylin.post(response.url, {"code": code, "action": "verify"})
    assert_ours(as_aylin.get(page))
    as_aylin.post(page, {"action_primary": "1", "email": "neu@example.org"})
    aylin.refresh_from_db()
    assert aylin.email == "neu@example.org"
    assert Email.objects.get(to=["aylin@example.org"]).subject == "Your main address was changed"


def test_address_of_somebody_else_is_neither_revealed_nor_taken(as_aylin, aylin):
    other = UserFactory()
    answers = set()
    for email in ("nobody@example.org", other.email):
        response = as_aylin.post(reverse("account_email"), {"action_add": "1", "email": email})
        answers.add((response.status_code, response.url))
    assert len(answers) == 1
    code = re.search(r"^(\d{6})$", Email.objects.latest("id").message, re.MULTILINE)[1]
    response = as_aylin.post(response.url, {"code": code, "action": "verify"})
    assert_ours_with_error(response)
    assert not EmailAddress.objects.filter(user=aylin, email=other.email).exists()


def test_forgotten_password_is_set_anew_by_a_mailed_link(client, aylin):
    response = client.post(reverse("account_reset_password"), {"email": aylin.email})
    assert response.url == reverse("account_reset_password_done")
    link = re.search(r"http://\S+", Email.objects.latest("id").message)[0]
    response = client.get(link.removeprefix("http://testserver"))
    assert_ours(client.get(response.url))
    new = {"password1": "noch ein gutes Wort", "password2": "noch ein gutes Wort"}
    assert client.post(response.url, new).status_code == 302
    aylin.refresh_from_db()
    assert aylin.check_password("noch ein gutes Wort")
    assert_ours(client.get(link.removeprefix("http://testserver")))


def test_log_out_is_a_post(as_aylin):
    assert_ours(as_aylin.get(reverse("account_logout")))
    assert "_auth_user_id" in as_aylin.session
    as_aylin.post(reverse("account_logout"))
    assert "_auth_user_id" not in as_aylin.session


@pytest.mark.parametrize("value", ["\x00", "[" * 65_536, "a@b\x00.de", "ä@ö.de", "'\"<>"])
@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_strange_input_is_never_an_error(client, name, value):
    fields = ("login", "email", "name", "password")
    response = client.post(reverse(name), dict.fromkeys(fields, value))
    assert response.status_code in (200, 302)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "\x00", '{"id": 1}', "[" * 5000])
@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_add_webauthn"])
def test_strange_passkey_is_never_an_error(as_aylin, client, name, credential):
    if name == "mfa_login_webauthn":
        client.logout()
    as_aylin.get(reverse(name), HTTP_ACCEPT="application/json")
    response = as_aylin.post(reverse(name), {"credential": credential, "passwordless": "on"})
    assert response.status_code in (200, 302)
