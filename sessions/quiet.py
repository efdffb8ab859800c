"""The link that ends the mails about what interests somebody at an event, as in RFC 8058.

Whoever holds it needs no log-in: it names the person and the event by signed numbers.
"""

import re
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from config.lib import oneclick
from sessions.models import Event, QuietReader
from speakers.models import User

SALT = "stellwand.quiet"
FIELDS = re.compile(r"(?P<user_id>[0-9]{1,18})-(?P<event_id>[0-9]{1,18})", re.ASCII)


class Unreadable(Exception):
    """This is no link of ours, or one of another event."""


@dataclass(frozen=True, slots=True)
class Link:
    user_id: int
    event: Event

    @classmethod
    def read(cls, token: str, *, event: Event) -> Self:
        """Raises :class:`Unreadable`."""
        try:
            value = oneclick.signer(SALT).unsign(token)
        except signing.BadSignature as error:
            raise Unreadable from error
        found = FIELDS.fullmatch(value)
        if found is None or int(found["event_id"]) != event.pk:
            raise Unreadable
        return cls(int(found["user_id"]), event)

    @property
    def token(self) -> str:
        return oneclick.signer(SALT).sign(f"{self.user_id}-{self.event.pk}")

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse("program:quiet", args=[self.event.slug, self.token])

    @property
    def headers(self) -> dict[str, str]:
        return oneclick.headers(self.url)


@transaction.atomic
def begin(link: Link) -> None:
    """No more such mails, however often this is asked; nothing for an account that is gone."""
    person = User.objects.select_for_update(no_key=True).filter(pk=link.user_id).first()
    if person is not None:
        QuietReader.objects.get_or_create(event=link.event, user=person)


def end(link: Link) -> None:
    """Take :func:`begin` back."""
    link.event.quiet_readers.filter(user=link.user_id).delete()
