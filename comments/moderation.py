"""What moderators do with comments; whether somebody may is the caller's matter."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import states
from comments.models import Act, Comment
from comments.posting import locked
from speakers.models import User


class NotPossible(Exception):
    """The comment is in another state; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("This comment was deleted or changed meanwhile."))


@transaction.atomic
def hide(comment: Comment, *, by: User, now: dt.datetime, reason: str) -> Comment:
    """Show it to nobody; a note stands in its place while replies hang below it.

    Hiding again changes the reason only. Raises :class:`NotPossible`.
    """
    return _turn(comment, Comment.State.REMOVED, Act.Kind.HIDDEN, by=by, now=now, reason=reason)


@transaction.atomic
def restore(comment: Comment, *, by: User, now: dt.datetime) -> Comment:
    """Show a hidden comment again. Raises :class:`NotPossible`."""
    return _turn(comment, Comment.State.PUBLISHED, Act.Kind.RESTORED, by=by, now=now, reason="")


def _turn(
    comment: Comment,
    state: Comment.State,
    kind: Act.Kind,
    *,
    by: User,
    now: dt.datetime,
    reason: str,
) -> Comment:
    pitch = locked(comment.pitch_id)
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is None:
        raise NotPossible
    row.pitch = pitch
    try:
        states.turn(row, state, now=now, removed_reason=reason)
    except states.NotPossible as error:
        raise NotPossible from error
    Act.objects.create(
        event_id=pitch.event_id, pitch=pitch, comment=row, actor=by, kind=kind, note=reason, at=now
    )
    return row
