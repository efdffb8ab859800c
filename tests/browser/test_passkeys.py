"""A passkey of a virtual device is added, and logs its owner in."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache

from tests.browser.conftest import session_of
from tests.factories import UserFactory

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(open_page, live_server):
    cache.clear()
    origin = live_server.url.replace("127.0.0.1", "localhost")  # a passkey needs a host name
    page = open_page(origin)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def test_passkey_is_added_and_logs_in(page):
    user = UserFactory(email="aylin@example.org", profile__name="Aylin Kaya")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    page.goto("/imprint/")
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session_of(user.email),
                "url": page.evaluate("origin"),
            }
        ]
    )

    page.goto("/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Telefon")
    page.get_by_role("button", name="Passkey hinzufügen").click()
    page.wait_for_url(re.compile("/recovery-codes/$"))
    assert page.locator(".codes li").count() == 10
    assert str(Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)) == "Telefon"

    page.goto("/account/logout/")
    page.locator("main").get_by_role("button", name="Abmelden").click()
    page.goto("/account/login/?next=/account/")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(re.compile(r"^[^?]+/account/$"))
    assert page.get_by_role("heading", name="Dein Konto").is_visible()


def test_refused_passkey_is_said_and_nothing_is_lost(page):
    page.goto("/account/login/")
    page.get_by_label("E-Mail").fill("aylin@example.org")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.get_by_text("Das hat nicht geklappt. Bitte versuch es noch einmal.").wait_for()
    assert page.get_by_label("E-Mail").input_value() == "aylin@example.org"
