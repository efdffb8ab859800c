"""A guest's first comment, published by whoever reads the mail to the address that was given."""

import datetime as dt

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from comments import bans, forgetting, rates, states
from comments.models import Comment, Filter
from config.lib import mail

EXPIRES_AFTER = dt.timedelta(days=2)
MAILS_AN_HOUR = 5  # to one address: whoever writes need not be its owner


class Used(Exception):
    """The link did its work already, or is too old."""

    def __str__(self) -> str:
        return str(_("This link has been used, or it is older than 2 days."))


def ask(comment: Comment, *, language: str, now: dt.datetime) -> None:
    """Mail the link, in the caller's transaction. Raises :class:`rates.TooMany`."""
    to = comment.guest_email
    hourly = rates.Limit("confirmation", to.lower(), MAILS_AN_HOUR, dt.timedelta(hours=1))
    rates.consume(hourly, now=now)
    url = settings.SITE_URL + reverse("comments:confirm", args=[token(comment)])
    context = {"name": comment.guest_name, "pitch": comment.pitch, "url": url}
    mail.send("comments/confirm", to=to, language=language, context=context)


def token(comment: Comment) -> str:
    """Says which comment, and nothing of what is in it."""
    return _signer().sign(str(comment.pk))


def read(token: str) -> int | None:
    """The id of the comment, or None for what we did not write."""
    try:
        return int(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def is_open(comment: Comment, now: dt.datetime) -> bool:
    is_waiting = comment.state == Comment.State.AWAITING_EMAIL
    return is_waiting and now < comment.created_at + EXPIRES_AFTER


@transaction.atomic
def confirm(comment: Comment, *, now: dt.datetime) -> Comment:
    """Publish it, or pass it on to the moderators if it is held for more than being the first.

    Needs ``pitch.event`` loaded. Raises :class:`Used`.
    """
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is None or not is_open(row, now):
        raise Used
    if row.pitch_id == comment.pitch_id:  # else it was merged meanwhile
        row.pitch = comment.pitch
    state = Comment.State.PUBLISHED
    is_banned = bans.holds(row.pitch.event, visitor=row.visitor, email=row.guest_email)
    if is_banned or row.held_because != Filter.FIRST_POST:
        state = Comment.State.AWAITING_MODERATION
    return states.turn(row, state, now=now, email_confirmed=True)


def tidy(now: dt.datetime) -> None:
    """Delete what nobody confirmed in time; nothing can hang below it."""
    for comment in Comment.objects.unconfirmed_before(now - EXPIRES_AFTER).order_by("pk"):
        with transaction.atomic():
            row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
            if row is not None and row.state == Comment.State.AWAITING_EMAIL:
                forgetting.bury(row, now=now)


def _signer() -> Signer:
    return Signer(salt="stellwand.confirm", sep=".")
