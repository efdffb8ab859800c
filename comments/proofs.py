"""How a guest shows that an address is theirs: a link is mailed to it. Only its digest is kept."""

import datetime as dt
import hashlib
import secrets

from allauth.account.internal.userkit import filter_users_by_email
from django.db import transaction
from django.urls import reverse

from comments import rates, rights
from comments.models import Proof
from comments.rates import Limit, TooMany
from config.lib import mail

VALID_FOR = dt.timedelta(hours=24)
HOUR = dt.timedelta(hours=1)
PER_ADDRESS, PER_NET = 3, 30


__all__ = ["Expired", "TooMany", "address_of", "ask", "tidy"]


class Expired(Exception):
    """The link is older than a day, used up, or none of ours."""


@transaction.atomic
def ask(email: str, *, net: str, language: str, now: dt.datetime) -> None:
    """Mail a link to what is kept under ``email``; nothing if nothing is, and nobody can tell.

    Whoever has an account is told to log in: there is everything. Raises :class:`TooMany`.
    """
    email = email.lower()
    rates.consume(
        Limit("proof", email, at_most=PER_ADDRESS, within=HOUR),
        Limit("proof of net", net, at_most=PER_NET, within=HOUR),
        now=now,
    )
    has_account = bool(filter_users_by_email(email, is_active=True))
    has_comments = rights.has_anything(email)
    if has_account or has_comments:
        path = reverse("guest_data_open", args=[_begin(email, now=now)]) if has_comments else ""
        context = {"has_account": has_account, "path": path, "email": email}
        mail.send("rights/proof", to=email, language=language, context=context)


def _begin(email: str, *, now: dt.datetime) -> str:
    token = secrets.token_urlsafe(32)
    Proof.objects.create(email=email, digest=_digest(token), expires_at=now + VALID_FOR)
    return token


def address_of(token: str, *, now: dt.datetime) -> str:
    """The address that ``token`` was mailed to, in lower case. Raises :class:`Expired`."""
    proof = Proof.objects.filter(digest=_digest(token), expires_at__gt=now).first()
    if proof is None:
        raise Expired
    return proof.email


def tidy(now: dt.datetime) -> None:
    Proof.objects.filter(expires_at__lte=now).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
