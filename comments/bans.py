"""Who takes part in no discussion of an event any more: no comment, no like, no report."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments.models import Act, Ban, Comment
from comments.models.comment import CommentQuerySet
from sessions import access
from sessions.models import Event
from speakers.models import User, Viewer


class NotBannable(Exception):
    """``str()`` is fit to be shown."""


class Nobody(NotBannable):
    """A mention by another site, or somebody who has left."""

    def __str__(self) -> str:
        return str(_("Nothing is known by which its author could be banned."))


class OfTheTeam(NotBannable):
    def __str__(self) -> str:
        return str(_("Whoever moderates this event cannot be banned from it."))


def holds(
    event: Event, *, user: Viewer | None = None, visitor: uuid.UUID | None = None, email: str = ""
) -> bool:
    """Whether a ban meets an account, a browser or an address; one query."""
    return Ban.objects.filter(event=event).meeting(user=user, visitor=visitor, email=email).exists()


@transaction.atomic
def ban_author(comment: Comment, *, by: User, now: dt.datetime, note: str = "") -> Ban:
    """Ban the account that wrote a comment, or else the guest's browser and address.

    What they wrote stays. Needs ``pitch.event`` loaded; doing it again changes nothing. Raises
    :class:`Nobody` and :class:`OfTheTeam`.
    """
    event = comment.pitch.event
    if comment.author is not None:
        if access.moderates(comment.author, event):
            raise OfTheTeam
        who = Ban(event=event, user=comment.author)
    elif comment.visitor is not None or comment.guest_email:
        who = Ban(event=event, visitor=comment.visitor, email=comment.guest_email.lower())
    else:
        raise Nobody
    defaults = {"by": by, "created_at": now, "note": note}
    ban, is_new = Ban.objects.get_or_create(
        event=event, user=who.user, visitor=who.visitor, email=who.email, defaults=defaults
    )
    if is_new:
        acts = {"pitch": comment.pitch, "comment": comment, "actor": by, "note": note, "at": now}
        Act.objects.create(event=event, kind=Act.Kind.BANNED, **acts)
    return ban


def comments_of(ban: Ban) -> CommentQuerySet:
    """What the account or the browser wrote below the event's pitches."""
    rows = Comment.objects.filter(pitch__event=ban.event_id).select_related("pitch__event")
    return rows.written_by(user=ban.user, visitor=ban.visitor)


@transaction.atomic
def lift(ban: Ban, *, by: User, now: dt.datetime) -> None:
    """Let them take part again; lifting twice is no error."""
    gone, _tables = Ban.objects.filter(pk=ban.pk).delete()
    if gone:
        Act.objects.create(event_id=ban.event_id, kind=Act.Kind.UNBANNED, actor=by, at=now)
