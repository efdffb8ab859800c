"""How a person is known here: by a code mailed to them, and who must prove more than that."""

import datetime as dt
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from speakers.models import Profile, User

NEXT_KEY = "accounts.next"
NEWCOMER_KEY = "accounts.newcomer"
CONFIRM_WITHIN = dt.timedelta(days=2)


class TooManyAttempts(ImmediateHttpResponse):
    """Uncaught, it is answered with the page of status 429; a caller may show it in its form."""

    def __str__(self) -> str:
        return str(_("Too many attempts. Please wait 5 minutes."))


def begin(
    request: HttpRequest, *, name: str, email: str, language: str, next_url: str
) -> HttpResponse:
    """Mail a code to ``email``, make its account if it is new, and lead to the page that asks
    for the code; with it the person is logged in, the address is confirmed, and they land on
    ``next_url``.

    The answer is the same for known, unknown and closed accounts. What the caller keeps in
    ``request.session`` is still there afterwards. ``name`` and ``language`` are used only for an
    account that nobody has confirmed yet. ``name`` and ``email`` are valid form input.

    Raises :class:`TooManyAttempts`.
    """
    email = email.lower()
    if not ratelimit.consume(request, action="request_login_code", key=email):
        raise TooManyAttempts(ratelimit.respond_429(request))
    user = _account_of(email, name=name, language=language)
    request.session[NEXT_KEY] = next_url
    if _is_unconfirmed(user):
        request.session[NEWCOMER_KEY] = {"user": user.pk, "name": name, "language": language}
    else:
        request.session.pop(NEWCOMER_KEY, None)
    LoginCodeVerificationProcess.initiate(
        request=request, user=user if user.is_active else None, email=email
    )
    query = urlencode({"next": next_url})
    return HttpResponseRedirect(f"{reverse('account_confirm_login_code')}?{query}")


def _account_of(email: str, *, name: str, language: str) -> User:
    known = filter_users_by_email(email, prefer_verified=True, for_login=True)
    if known:
        return known[0]
    try:
        return create(email, name=name, language=language)
    except IntegrityError:  # begun twice at once
        return User.objects.get(email__iexact=email)


@transaction.atomic
def create(email: str, *, name: str, language: str) -> User:
    """An account with a profile, a primary unconfirmed address and no password."""
    user = User.objects.create_user(email, language=language)
    Profile.objects.create(user=user, name=name)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    return user


def _is_unconfirmed(user: User) -> bool:
    return (
        user.last_login is None
        and EmailAddress.objects.filter(user=user, verified=False).exists()
        and not EmailAddress.objects.filter(user=user, verified=True).exists()
    )


def confirm(user: User, email: str) -> None:
    """Note that a mailed code proved ``email``, also for an account that was made by hand."""
    address, _created = EmailAddress.objects.get_or_create(user=user, email=email.lower())
    if address.set_verified():
        address.set_as_primary(conditional=True)


def welcome(request: HttpRequest, user: User) -> None:
    """Name a newcomer as they named themselves, whoever began with their address before."""
    newcomer = request.session.pop(NEWCOMER_KEY, None)
    if not newcomer or newcomer["user"] != user.pk:
        return
    user.language = newcomer["language"]
    user.save(update_fields=["language"])
    profile = profile_of(user)
    if profile.name != newcomer["name"]:
        profile.name, profile.slug = newcomer["name"], ""
        profile.save()


def display_name(user: User) -> str:
    """What allauth calls a person, also on their passkey."""
    return profile_of(user).name


def profile_of(user: User) -> Profile:
    """The profile; made from the address if the account came from the command line."""
    profile, _created = Profile.objects.get_or_create(
        user=user, defaults={"name": user.email.partition("@")[0]}
    )
    return profile


def pop_next(request: HttpRequest) -> str | None:
    """Where :func:`begin` said to land, for a log-in that lost its address on the way."""
    return request.session.pop(NEXT_KEY, None)


def tidy_unconfirmed(now: dt.datetime) -> int:
    """Delete accounts that nobody confirmed within two days; returns how many."""
    deleted = 0
    for user in User.objects.unconfirmed(before=now - CONFIRM_WITHIN):
        try:
            user.delete()
        except ProtectedError:  # somebody gave it something to keep since the query
            continue
        deleted += 1
    return deleted


def needs_second_factor(user: User | AnonymousUser) -> bool:
    """Whether ``user`` may open the desk only after setting up an app or a passkey. One query."""
    if not settings.REGIE_REQUIRES_MFA or not user.is_authenticated or not user.is_staff:
        return False
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=user, type__in=kinds).exists()


def note_fresh_factor(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of allauth's ``authenticator_added``: who has just set one up has proved it.

    Otherwise the recovery codes that come with it would ask for a code at once.
    """
    record_authentication(request, user, method="mfa", reauthenticated=True)
