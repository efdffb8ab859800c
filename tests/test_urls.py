"""Closed by default: which addresses are public is decided here, and everyone asks every one."""

import logging

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import resolve

from comments.models import Act, Ban, Mention, Outgoing, Rules
from sessions.models import LogEntry, Merge
from tests.addresses import all_addresses, existing, of_nothing
from tests.factories import (
    CommentFactory,
    MembershipFactory,
    PasskeyFactory,
    PlacementFactory,
    ProposalFactory,
    ScheduleFactory,
    SlotFactory,
)
from tests.factories.program import NOW
from tests.logins import session_of
from tests.quick import QuickClient

pytestmark = pytest.mark.django_db

# Whoever changes this list answers why a stranger may open the page. What is said of one's own
# (``me``, ``edit``, ``finish``) belongs to the browser's signed cookie or session.
PUBLIC = set(
    """
    front healthz readyz set_language imprint privacy accessibility picture
    webmention pingback
    speakers:profile
    program:short_link program:event program:wall program:tag program:person program:me
    program:pitch_new program:pitch_finish program:pitch_preview program:pitch_short
    program:pitch program:pitch_edit program:interest program:interest_remove
    program:schedule program:schedule_versions program:schedule_day program:program_ics
    program:session_ics program:pitches_feed program:now program:screen program:door
    program:print program:print_doors program:print_grid
    program:quiet
    comments:pitch_feed comments:event_feed comments:unsubscribe
    comments:post comments:preview comments:permalink comments:reply comments:edit
    comments:moderation_log comments:delete comments:undo comments:confirm
    account_signup account_login account_logout account_inactive account_confirm_login_code
    account_request_login_code account_email_verification_sent account_reset_password
    account_reset_password_done account_reset_password_from_key
    account_reset_password_from_key_done mfa_authenticate mfa_login_webauthn
    guest_data guest_data_open guest_data_json program:confirm
    admin:login
    """.split()
)
METHODS = ("get", "post", "delete")


@pytest.fixture
def pitch():
    """A pitch with one row of everything that an address can name."""
    proposal = ProposalFactory(accepted=True, pitch__title="Money")
    pitch = proposal.pitch
    pitch.tags.add("money")
    for version in (1, None):
        schedule = ScheduleFactory(event=pitch.event, version=version)
        PlacementFactory(schedule=schedule, proposal=proposal)
    SlotFactory(event=pitch.event, number=1)
    CommentFactory(pitch=pitch, author=pitch.owner)
    Mention.objects.create(pitch=pitch, source="https://blog.example/", target="http://testserver/")
    Outgoing.objects.create(pitch=pitch, target="https://a.example/")
    Rules.objects.create(event=pitch.event)
    Ban.objects.create(event=pitch.event, email="hanna@example.org")
    Act.objects.create(event=pitch.event, pitch=pitch, kind=Act.Kind.CLOSED)
    LogEntry.objects.create(event=pitch.event, pitch=pitch, action=LogEntry.Action.PUBLISHED)
    other = ProposalFactory(pitch__event=pitch.event).pitch
    Merge.objects.create(event=pitch.event, source=other, target=pitch, at=NOW)
    return pitch


def host(pitch):
    PasskeyFactory(user=pitch.owner)
    return pitch.owner


def organiser(pitch):
    """Has every second factor."""
    user = MembershipFactory(event=pitch.event).user
    PasskeyFactory(user=user)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    return user


def superuser(pitch):
    return PasskeyFactory(user__is_staff=True, user__is_superuser=True).user


@pytest.fixture
def asker(caplog):
    """Makes a function that asks as somebody, each time from the same rows."""
    caplog.set_level(logging.CRITICAL, logger="django.request")  # a traceback each is slow

    def asker(user=None):
        cookie = user and session_of(user)

        def ask(method, url):
            client = QuickClient(**{settings.SESSION_COOKIE_NAME: cookie} if cookie else {})
            cache.clear()  # attempts are counted there
            with transaction.atomic():
                response = getattr(client, method)(url)
                transaction.set_rollback(True)
            return response

        return ask

    return asker


def test_public_addresses_are_chosen_on_purpose():
    assert {str(address) for address in all_addresses() if address.is_public} == PUBLIC


def test_every_address_is_asked_under_its_own_route(pitch):
    PasskeyFactory()
    for address in all_addresses():
        route = resolve(address.url(existing(address, pitch))).route
        assert route.replace("^", "").removesuffix("$") == address.route


@pytest.mark.parametrize(
    ("who", "methods"),
    [(None, METHODS), (host, METHODS), (organiser, METHODS), (superuser, ["get"])],
)
def test_no_address_fails(asker, pitch, who, methods):
    ask = asker(who(pitch) if who else None)
    if who is None:
        PasskeyFactory()
    failed = []
    for address in all_addresses():
        url = address.url(existing(address, pitch))
        for method in methods:
            response = ask(method, url)
            if response.status_code >= 500:
                failed.append((method, url, response.exc_info))
    assert failed == []


def test_whoever_is_not_logged_in_is_sent_to_the_log_in_by_every_closed_address(asker, pitch):
    PasskeyFactory()
    ask, opened = asker(), []
    for address in all_addresses():
        url = address.url(existing(address, pitch))
        for method in METHODS:
            if not address.is_public:
                response = ask(method, url)
                if "/login/?next=" not in response.get("Location", ""):
                    opened.append((method, url, response.status_code))
    assert opened == []


@pytest.mark.parametrize("who", [None, organiser])
def test_nothing_is_found_under_an_argument_that_names_nothing(asker, pitch, who):
    """But the log-in, which tells a stranger nothing."""
    ask = asker(who(pitch) if who else None)
    PasskeyFactory()
    found = []
    for address in all_addresses():
        if address.name and (address.is_public or who):
            for url in of_nothing(address, pitch):
                for method in METHODS:
                    response = ask(method, url)
                    away = not who and "/login/?next=" in response.get("Location", "")
                    if response.status_code not in (404, 405) and not away:
                        found.append((method, url, response.status_code))
    assert found == []
