"""Discussions that moderators closed: a whole one, or single threads of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from comments.models import Act, Closure, Comment
from sessions.models import Pitch
from speakers.models import User


@dataclass(frozen=True, slots=True)
class Closed:
    """``whole`` is everything below a pitch, ``roots`` the closed threads."""

    whole: bool
    roots: frozenset[int]

    def covers(self, parent: Comment | None) -> bool:
        """Whether nothing new may hang below ``parent``, or below the pitch itself."""
        if self.whole or parent is None:
            return self.whole
        return (parent.root_id or parent.pk) in self.roots


def of(pitch: Pitch) -> Closed:
    """One query."""
    roots = set(Closure.objects.filter(pitch=pitch).values_list("root_id", flat=True))
    return Closed(whole=None in roots, roots=frozenset(pk for pk in roots if pk is not None))


@transaction.atomic
def close(pitch: Pitch, *, by: User, now: dt.datetime, within: Comment | None = None) -> bool:
    """Take nothing new below a pitch any more, or in the thread that ``within`` belongs to.

    Returns whether that was open before.
    """
    _closure, is_new = Closure.objects.get_or_create(
        pitch=pitch, root_id=_root_of(within), defaults={"by": by, "created_at": now}
    )
    if is_new:
        _note(pitch, Act.Kind.CLOSED, by=by, now=now, within=within)
    return is_new


@transaction.atomic
def reopen(pitch: Pitch, *, by: User, now: dt.datetime, within: Comment | None = None) -> bool:
    """The reverse of :func:`close`; returns whether it was closed."""
    gone, _tables = Closure.objects.filter(pitch=pitch, root_id=_root_of(within)).delete()
    if gone:
        _note(pitch, Act.Kind.OPENED, by=by, now=now, within=within)
    return bool(gone)


def _root_of(comment: Comment | None) -> int | None:
    return (comment.root_id or comment.pk) if comment else None


def _note(
    pitch: Pitch, kind: Act.Kind, *, by: User, now: dt.datetime, within: Comment | None
) -> None:
    Act.objects.create(
        event_id=pitch.event_id, pitch=pitch, comment=within, actor=by, kind=kind, at=now
    )
