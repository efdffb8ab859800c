"""Who may open the desk, and what it asks for besides the log-in."""

from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command

from sessions.models import Membership
from speakers import accounts
from speakers.models import User
from tests.factories import EventFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _strict(settings):
    settings.REGIE_REQUIRES_MFA = True


@pytest.mark.usefixtures("_strict")
def test_organiser_needs_a_second_factor_until_there_is_one():
    user = UserFactory(staff=True)
    assert accounts.needs_second_factor(user)
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    assert not accounts.needs_second_factor(user)


@pytest.mark.usefixtures("_strict")
def test_nobody_else_needs_a_second_factor():
    assert not accounts.needs_second_factor(UserFactory())
    assert not accounts.needs_second_factor(AnonymousUser())


def test_second_factor_is_not_asked_for_where_the_site_does_not_want_it(settings):
    settings.REGIE_REQUIRES_MFA = False
    assert not accounts.needs_second_factor(UserFactory(staff=True))


def organiser(*arguments):
    out = StringIO()
    call_command("organiser", *arguments, stdout=out)
    return out.getvalue()


def test_organiser_command_makes_an_account_and_says_what_comes_next():
    event = EventFactory(slug="neo26")
    said = organiser("Aylin@Example.org", "--event", "neo26", "--name", "Aylin Kaya")
    user = User.objects.get(email="aylin@example.org")
    assert user.is_staff
    assert user.profile.name == "Aylin Kaya"
    assert Membership.objects.get(user=user, event=event).role == Membership.Role.ORGANISER
    assert "http://testserver/admin/" in said


def test_organiser_command_lets_the_first_organiser_open_events():
    said = organiser("aylin@example.org", "--everything")
    assert User.objects.get(email="aylin@example.org").is_superuser
    assert "They may open new events there, and organise all of them." in said
    organiser("aylin@example.org")  # without it, nothing is taken away
    assert User.objects.get(email="aylin@example.org").is_superuser


def test_organiser_command_elevates_a_known_account_and_may_run_twice():
    user = UserFactory(email="aylin@example.org", profile__name="Aylin Kaya")
    EventFactory(slug="neo26")
    for _turn in range(2):
        organiser("aylin@example.org", "--event", "neo26")
    user.refresh_from_db()
    assert user.is_staff
    assert user.profile.name == "Aylin Kaya"
    assert user.memberships.count() == 1


@pytest.mark.parametrize("arguments", [("nobody",), ("aylin@example.org", "--event", "neo99")])
def test_organiser_command_refuses_what_it_does_not_know_and_changes_nothing(arguments):
    with pytest.raises(CommandError):
        organiser(*arguments)
    assert not User.objects.exists()


def test_tidy_command_says_how_many_went():
    out = StringIO()
    call_command("tidy_accounts", stdout=out)
    assert out.getvalue() == "0 unconfirmed accounts deleted\n"
