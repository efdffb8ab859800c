"""What moderators do with comments; whether somebody may is the caller's matter."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.posting import locked
from sessions.models import LogEntry
from speakers.models import User


class NotPossible(Exception):
    """The comment is in another state; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("This comment was deleted or changed meanwhile."))


@transaction.atomic
def hide(comment: Comment, *, by: User, reason: str) -> Comment:
    """Show it to nobody; a note stands in its place while replies hang below it.

    Hiding again changes the reason only. Raises :class:`NotPossible`.
    """
    row = _held(comment)
    if row.state not in (Comment.State.PUBLISHED, Comment.State.REMOVED):
        raise NotPossible
    return _assign(row, Comment.State.REMOVED, by=by, reason=reason)


@transaction.atomic
def restore(comment: Comment, *, by: User) -> Comment:
    """Show a hidden comment again. Raises :class:`NotPossible`."""
    row = _held(comment)
    if row.state == Comment.State.PUBLISHED:
        return row
    if row.state != Comment.State.REMOVED:
        raise NotPossible
    return _assign(row, Comment.State.PUBLISHED, by=by, reason="")


def _held(comment: Comment) -> Comment:
    pitch = locked(comment.pitch_id)
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is None:
        raise NotPossible
    row.pitch = pitch
    return row


def _assign(row: Comment, state: str, *, by: User, reason: str) -> Comment:
    hidden = state == Comment.State.REMOVED
    row.state, row.removed_reason = state, reason
    row.save(update_fields=["state", "removed_reason"])
    LogEntry.objects.create(
        event_id=row.pitch.event_id,
        actor=by,
        action=LogEntry.Action.HIDDEN if hidden else LogEntry.Action.SHOWN,
        pitch=row.pitch,
        details={"comment": row.pk, "reason": reason},
    )
    return row
