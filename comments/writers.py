"""Who writes: an account, or a guest whom a browser may be known by."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.rates import Limit
from sessions import access
from sessions.models import Pitch
from speakers.models import User, Viewer

A_MINUTE, A_MINUTE_PER_NET = 10, 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody without an account; ``visitor`` is what an earlier click left in the browser."""

    name: str
    email: str = ""
    site: str = ""
    visitor: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """``guest`` is without content for an account."""

    account: User | None
    guest: Guest

    @property
    def user(self) -> Viewer:
        return self.account or AnonymousUser()

    def is_trusted(self, pitch: Pitch) -> bool:
        """Hosts of the pitch and moderators of its event, whose words nobody looks through."""
        return access.hosts(self.user, pitch) or access.moderates(self.user, pitch.event)

    def one_at_a_time(self, pitch: Pitch) -> CommentQuerySet:
        """Wait for what the same person sends in this moment, and return what they wrote before.

        A guest whose browser carries no cookie yet is told apart by what they say of
        themselves, inside one pitch.
        """
        guest = self.guest
        if self.account is not None:
            key, before = f"user:{self.account.pk}", Comment.objects.written_by(user=self.account)
        elif guest.visitor is not None:
            key = f"visitor:{guest.visitor}"
            before = Comment.objects.written_by(visitor=guest.visitor)
        else:
            key = f"guest:{pitch.pk}:{guest.name}:{guest.email}"
            before = Comment.objects.filter(
                pitch=pitch, author=None, guest_name=guest.name, guest_email=guest.email
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        return before

    def limits(self, net: str) -> tuple[Limit, ...]:
        """How often they may write. A hall shares one address, so guests of a ``net`` have more
        in all than one of them; new browsers share what one has, or a cookie would be worth it."""
        if self.account is not None:
            return (Limit("comment of account", self.account.pk, A_MINUTE),)
        visitor = self.guest.visitor
        one = Limit("comment of visitor", visitor, A_MINUTE)
        if visitor is None:
            one = Limit("comment of new visitors", net, A_MINUTE)
        return (one, Limit("comment of guests", net, A_MINUTE_PER_NET))
