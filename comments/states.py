"""The one place that assigns ``Comment.state``."""

import datetime as dt

from comments import notifications
from comments.models import Comment

State = Comment.State


class NotPossible(Exception):
    """A comment in state ``before`` cannot become ``after``."""

    def __init__(self, before: str, after: str) -> None:
        self.before, self.after = before, after
        super().__init__(f"{before} → {after}")


def turn(comment: Comment, state: State, *, now: dt.datetime, **fields: object) -> Comment:
    """Bring a stored comment into ``state`` and save it with ``fields``; the same state is fine.

    The caller holds the row, read inside this transaction, with ``pitch`` loaded. Whoever is to
    hear of a comment is noted when it is published for the first time. Raises :class:`NotPossible`.
    """
    before = State(comment.state)
    if state != before and state not in Comment.TRANSITIONS[before]:
        raise NotPossible(before, state)
    is_leaving = state == State.LEAVING
    for name, value in fields.items():
        setattr(comment, name, value)
    if state != before:
        comment.state_before = before if is_leaving else ""
        comment.left_at = now if is_leaving else None
    if state not in Comment.HELD and not is_leaving:
        comment.held_because = ""
    comment.state = state
    is_first_time = _note_publication(comment, now=now)
    comment.save()
    if is_first_time:
        notifications.published(comment, now=now)
    return comment


def begin(comment: Comment, state: State, *, now: dt.datetime) -> bool:
    """The state of a comment that is not stored yet; whether that publishes it.

    The caller saves it and then calls ``notifications.published`` if so.
    """
    comment.state = state
    return _note_publication(comment, now=now)


def _note_publication(comment: Comment, *, now: dt.datetime) -> bool:
    if comment.state != State.PUBLISHED or comment.published_at is not None:
        return False
    comment.published_at = now
    return True
