"""Links in mails that end them, as in RFC 8058: whoever holds one needs no log-in.

A link names what it ends and for whom by signed numbers: neither an address nor a name stands
in it. It never expires, since mails are kept for years.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from comments import following
from comments.models import Comment, Pace
from config.lib import oneclick
from sessions.models import Pitch
from speakers.models import User

SALT = "stellwand.unsubscribe"
FIELDS = re.compile(r"(?P<kind>[a-z]+)-(?P<user_id>[0-9]{1,18})-(?P<target_id>[0-9]{1,18})")


class Kind(StrEnum):
    PITCH = "pitch"
    THREAD = "thread"
    ALL = "all"


class Unreadable(Exception):
    """This is no link of ours."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What somebody hears of: a pitch, the thread below a root comment, or all discussions."""

    kind: Kind
    user_id: int
    target_id: int = 0

    @classmethod
    def read(cls, token: str) -> Self:
        """Raises :class:`Unreadable`."""
        try:
            value = _signer().unsign(token)
        except signing.BadSignature as error:
            raise Unreadable from error
        found = FIELDS.fullmatch(value)
        if found is None or found["kind"] not in set(Kind):
            raise Unreadable
        return cls(Kind(found["kind"]), int(found["user_id"]), int(found["target_id"]))

    @property
    def token(self) -> str:
        return _signer().sign(f"{self.kind}-{self.user_id}-{self.target_id}")

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("comments:unsubscribe", args=[self.token])

    @property
    def headers(self) -> dict[str, str]:
        return oneclick.headers(self.url)


def _signer() -> signing.Signer:
    return oneclick.signer(SALT)


def pitch(person: User, pitch_id: int) -> Subscription:
    return Subscription(Kind.PITCH, person.pk, pitch_id)


def thread(person: User, root_id: int) -> Subscription:
    return Subscription(Kind.THREAD, person.pk, root_id)


def everything(person: User) -> Subscription:
    return Subscription(Kind.ALL, person.pk)


def target(subscription: Subscription) -> Pitch | None:
    """The pitch that a link speaks of, with its event; None for all mail, and when it is gone."""
    pitches = Pitch.objects.select_related("event")
    if subscription.kind == Kind.PITCH:
        return pitches.filter(pk=subscription.target_id).first()
    if subscription.kind == Kind.THREAD:
        return pitches.filter(comments=subscription.target_id).first()
    return None


@transaction.atomic
def end(subscription: Subscription) -> None:
    """No more such mail, however often this is asked; what is gone needs nothing."""
    person, row = _rows(subscription)
    if person is None:
        return
    if subscription.kind == Kind.ALL:
        Pace.objects.update_or_create(user=person, defaults={"choice": Pace.Choice.NEVER})
    elif isinstance(row, Pitch):
        following.mute_pitch(row, by=person)
    elif isinstance(row, Comment):
        following.mute(row, by=person)


@transaction.atomic
def resume(subscription: Subscription) -> None:
    """Take :func:`end` back. Mail of everything was a daily one."""
    person, row = _rows(subscription)
    if person is None:
        return
    if subscription.kind == Kind.ALL:
        Pace.objects.filter(user=person, choice=Pace.Choice.NEVER).update(choice=Pace.Choice.DAILY)
    elif isinstance(row, Pitch):
        following.follow(row, by=person)
    elif isinstance(row, Comment):
        following.unmute(row, by=person)


def _rows(subscription: Subscription) -> tuple[User | None, Pitch | Comment | None]:
    """The person and the pitch or root comment, held so that they do not go meanwhile."""
    users = User.objects.select_for_update(no_key=True)
    row: Pitch | Comment | None = None
    if subscription.kind == Kind.PITCH:
        pitches = Pitch.objects.select_for_update(no_key=True)
        row = pitches.filter(pk=subscription.target_id).first()
    elif subscription.kind == Kind.THREAD:
        comments = Comment.objects.select_for_update(no_key=True)
        row = comments.filter(pk=subscription.target_id).first()
    return users.filter(pk=subscription.user_id).first(), row
