"""Deleting one's own comment, with ten minutes to take that back."""

import datetime as dt

from django.db import transaction

from comments import forgetting, states
from comments.models import Comment
from comments.posting import UNDO_WITHIN, can_undo, held
from comments.refusals import Gone


@transaction.atomic
def delete(comment: Comment, *, now: dt.datetime) -> None:
    """Show it to nobody but its author any more; :func:`bury_left` makes that final.

    Deleting twice is no error. Hidden comments stay as they are.
    """
    row = held(comment)
    if row is not None and Comment.State.LEAVING in Comment.TRANSITIONS[Comment.State(row.state)]:
        states.turn(row, Comment.State.LEAVING, now=now)


@transaction.atomic
def undo(comment: Comment, *, now: dt.datetime) -> Comment:
    """Back to where it was. Raises :class:`Gone`."""
    row = held(comment)
    if row is None or not can_undo(row, now):
        raise Gone
    return states.turn(row, Comment.State(row.state_before), now=now)


def bury_left(now: dt.datetime) -> None:
    """Bury what left more than ten minutes ago; each in a transaction of its own."""
    for comment in Comment.objects.left_before(now - UNDO_WITHIN).order_by("pk"):
        with transaction.atomic():
            row = held(comment)
            if row is not None and row.state == Comment.State.LEAVING and not can_undo(row, now):
                forgetting.bury(row, now=now)
