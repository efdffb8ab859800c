"""“Like”: applause of accounts for a comment; idempotent facts, never a toggle."""

import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import bans
from comments.models import Comment, Like
from comments.readers import Reader
from sessions.models import Event, Pitch
from speakers.models import User


class NotLikeable(Exception):
    """Deleted, hidden, or the event is over."""

    def __str__(self) -> str:
        return str(_("This comment cannot be liked any more."))


class OwnComment(NotLikeable):
    def __str__(self) -> str:
        return str(_("This is your own comment."))


class Banned(NotLikeable):
    def __str__(self) -> str:
        return str(_("You cannot take part in the discussions of this event."))


@transaction.atomic
def add(comment: Comment, *, by: User, visitor: uuid.UUID | None = None) -> None:
    """``visitor`` is the browser that the click comes from: a guest may have an account, too.

    Holds the row, which may be going. Raises :class:`OwnComment`, :class:`Banned` and
    :class:`NotLikeable`.
    """
    rows = Comment.objects.select_for_update(of=("self",), no_key=True).published()
    row = rows.select_related("pitch__event").filter(pk=comment.pk).first()
    if row is None or not is_open(row.pitch):
        raise NotLikeable
    if Reader(user=by, visitor=visitor).wrote(row):
        raise OwnComment
    if bans.holds(row.pitch.event, user=by):
        raise Banned
    Like.objects.bulk_create([Like(comment=row, user=by)], ignore_conflicts=True)


def remove(comment: Comment, *, by: User) -> None:
    comment.likes.filter(user=by).delete()


def of(user: User, pitch: Pitch) -> set[int]:
    """Ids of the comments below ``pitch`` that ``user`` likes; one query."""
    rows = Like.objects.filter(user=user, comment__pitch=pitch)
    return set(rows.values_list("comment_id", flat=True))


def is_open(pitch: Pitch) -> bool:
    """Needs ``pitch.event`` loaded."""
    return pitch.state == Pitch.State.PUBLIC and pitch.event.state == Event.State.PUBLIC
