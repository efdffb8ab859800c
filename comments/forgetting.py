"""What stays of a comment that goes: nothing, or a tombstone that tells nothing of anybody."""

import datetime as dt
from collections.abc import Iterable

import pgtrigger
from django.db.models import Count

from comments import states
from comments.models import Comment

# pghistory builds the model of the old versions; its rows are guarded against everybody.
History = Comment.pgh_event_model  # type: ignore[attr-defined]
GUARD = "comments.CommentHistory:append_only"


def bury(row: Comment, *, now: dt.datetime) -> None:
    """Take a comment away, with its old versions; with replies it leaves a tombstone.

    The tombstones above it go, too, when it was their last reply. The caller holds ``row`` and
    its pitch (:func:`comments.posting.locked`).
    """
    gone = [row.pk]
    if row.replies.exists():
        _empty(row, now=now)
    else:
        gone += _lonely_tombstones(row)
        Comment.objects.filter(pk__in=gone).delete()
    forget_history(gone)


def forget_history(comment_ids: Iterable[int]) -> None:
    """Delete every old version of these comments."""
    with pgtrigger.ignore(GUARD):
        History.objects.filter(pgh_obj_id__in=list(comment_ids)).delete()


def _empty(row: Comment, *, now: dt.datetime) -> None:
    for related in (row.likes, row.flags, row.notices):
        related.all().delete()
    if Comment.State.DELETED not in Comment.TRANSITIONS[Comment.State(row.state)]:
        states.turn(row, Comment.State.LEAVING, now=now)
    row.author = row.visitor = row.proposal = row.edited_at = row.published_at = None
    row.guest_name = row.guest_email = row.guest_site = ""
    row.body = row.body_html = row.removed_reason = row.removed_because = ""
    row.email_confirmed = False
    states.turn(row, Comment.State.DELETED, now=now)


def _lonely_tombstones(row: Comment) -> list[int]:
    """Ids of the tombstones above ``row`` that have no other reply, from below; one query."""
    lonely: list[int] = []
    above = Comment.objects.filter(pk__in=row.path[:-1]).annotate(answers=Count("replies"))
    for ancestor in above.order_by("-depth"):
        if ancestor.state != Comment.State.DELETED or ancestor.answers > 1:
            break
        lonely.append(ancestor.pk)
    return lonely
