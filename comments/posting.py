"""Writing below a pitch: post, edit, delete.

Whatever changes the shape of a thread holds the row of its pitch (:func:`locked`), so that a
reply never hangs below a comment that goes in the same moment, and ids rise in the order in
which they appear.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments import notifications, states
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from config.lib.text import COMMENT_MAX_LENGTH, render_markdown
from sessions import access
from sessions.models import Event, Pitch, Proposal
from speakers.models import User

EDITABLE_FOR = dt.timedelta(minutes=15)
SAME_TEXT_WITHIN = dt.timedelta(minutes=5)
RATE, RATE_WITHIN = 10, dt.timedelta(minutes=1)


class Refused(Exception):
    """The text was not taken; ``str()`` is fit to be shown."""

    message = _("This pitch takes no comments now.")

    def __str__(self) -> str:
        return str(self.message)


class Closed(Refused):
    """The pitch is not public, or the event takes no comments."""


class Archived(Closed):
    message = _("The event is over, and its discussions are closed.")


class MembersOnly(Closed):
    message = _("Only people with an account can comment here.")


class Empty(Refused):
    """Nothing would be seen of it."""

    message = _("The text is missing.")


class ParentGone(Refused):
    message = _(
        "The comment that you answer is gone. Send your text again as a comment of its own."
    )


class TooFast(Refused):
    """More than ``RATE`` within ``RATE_WITHIN`` by one account or browser."""

    wait = RATE_WITHIN

    def __str__(self) -> str:
        minutes = int(self.wait.total_seconds() // 60)
        return ngettext(
            "Too many attempts. Please wait %(minutes)s minute.",
            "Too many attempts. Please wait %(minutes)s minutes.",
            minutes,
        ) % {"minutes": minutes}


class TooLate(Refused):
    message = _("A comment can be changed for 15 minutes. This one is older.")


class Gone(Refused):
    """Deleted or hidden meanwhile."""

    message = _("This comment is not here any more.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody without an account; ``visitor`` is what an earlier click left in the browser."""

    name: str
    email: str = ""
    site: str = ""
    visitor: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """``is_new`` is false when the same text stood there already."""

    comment: Comment
    is_new: bool


def refusal(pitch: Pitch, user: access.Viewer) -> Closed | None:
    """Why ``user`` cannot comment, or None; needs ``pitch.event`` loaded."""
    if pitch.state != Pitch.State.PUBLIC:
        return Closed()
    if access.may_comment(user, pitch.event):
        return None
    if pitch.event.state == Event.State.ARCHIVED:
        return Archived()
    if pitch.event.comment_policy == Event.CommentPolicy.MEMBERS:
        return MembersOnly()
    return Closed()


@transaction.atomic
def post(
    pitch: Pitch,
    *,
    body: str,
    now: dt.datetime,
    by: User | None = None,
    guest: Guest | None = None,
    parent: Comment | None = None,
    proposal: Proposal | None = None,
) -> Posted:
    """Publish a comment of an account or else of a guest, and queue the mails about it.

    The event's policy is the caller's matter (:func:`refusal`). The same text by the same person
    makes one comment. Raises :class:`Empty`, :class:`config.lib.text.TooLong`, :class:`Closed`,
    :class:`ParentGone`, :class:`TooFast`.
    """
    html = rendered(body)
    with_others = _one_at_a_time(pitch, by=by, guest=guest)
    if locked(pitch.pk).state != Pitch.State.PUBLIC:
        raise Closed
    same = pitch.comments.filter(body=body) & with_others.since(now - SAME_TEXT_WITHIN)
    if (earlier := same.order_by("pk").first()) is not None:
        return Posted(earlier, is_new=False)
    if with_others.since(now - RATE_WITHIN).count() >= RATE:
        raise TooFast
    if parent is not None:
        parent = pitch.comments.published().filter(pk=parent.pk).first()
        if parent is None:
            raise ParentGone
    comment = Comment(pitch=pitch, proposal=proposal, body=body, body_html=html, created_at=now)
    if by is not None:
        comment.author = by
    elif guest is not None:
        comment.visitor = guest.visitor or uuid.uuid4()
        comment.guest_name, comment.guest_email = guest.name, guest.email
        comment.guest_site = guest.site
    is_published = states.begin(comment, Comment.State.PUBLISHED, now=now)
    hang(comment, below=parent)
    if is_published:
        notifications.published(comment, now=now)
    return Posted(comment, is_new=True)


def hang(comment: Comment, *, below: Comment | None = None) -> Comment:
    """Save a new comment at its place in the thread; the caller holds the row of the pitch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('comments_comment', 'id'))")
        (comment.pk,) = cursor.fetchone()
    comment.parent = below
    comment.root_id = (below.root_id or below.pk) if below else None
    comment.depth = below.depth + 1 if below else 0
    comment.path = [*(below.path if below else ()), comment.pk]
    comment.save(force_insert=True)
    return comment


@transaction.atomic
def edit(comment: Comment, *, body: str, now: dt.datetime) -> Comment:
    """Change the text for its author, who the caller has made sure of.

    Raises :class:`Empty`, :class:`config.lib.text.TooLong`, :class:`TooLate`, :class:`Gone`.
    """
    html = rendered(body)
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is None or not row.is_published:
        raise Gone
    if not is_editable(row, now):
        raise TooLate
    if body != row.body:
        row.body, row.body_html, row.edited_at = body, html, now
        row.save(update_fields=["body", "body_html", "edited_at"])
    return row


def is_editable(comment: Comment, now: dt.datetime) -> bool:
    return comment.is_published and now < comment.created_at + EDITABLE_FOR


@transaction.atomic
def delete(comment: Comment, *, now: dt.datetime) -> None:
    """Take a comment away; with replies it leaves a tombstone that tells nothing of anybody.

    The tombstones above it go, too, when it was their last reply. Deleting twice is no error.
    """
    locked(comment.pitch_id)
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is None:
        return
    if row.replies.exists():
        states.turn(row, Comment.State.LEAVING, now=now)
        _bury(row, now=now)
    else:
        Comment.objects.filter(pk__in=[row.pk, *_lonely_tombstones(row)]).delete()


def _bury(row: Comment, *, now: dt.datetime) -> None:
    row.likes.all().delete()
    row.author = row.visitor = row.proposal = row.edited_at = None
    row.guest_name = row.guest_email = row.guest_site = ""
    row.body = row.body_html = row.removed_reason = row.removed_because = ""
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


def rendered(body: str) -> str:
    """Markdown as it is stored. Raises :class:`Empty` and :class:`config.lib.text.TooLong`."""
    html = render_markdown(body, max_length=COMMENT_MAX_LENGTH)
    if not html.strip():
        raise Empty
    return html


def locked(pitch_id: int) -> Pitch:
    """The pitch, held to the end of the transaction; its foreign keys stay usable."""
    return Pitch.objects.select_for_update(no_key=True).get(pk=pitch_id)


def _one_at_a_time(pitch: Pitch, *, by: User | None, guest: Guest | None) -> CommentQuerySet:
    """Wait for what the same person sends in this moment, and return what they wrote before.

    A guest whose browser carries no cookie yet is told apart by name, inside one pitch.
    """
    if by is not None:
        key, before = f"user:{by.pk}", Comment.objects.written_by(user=by)
    elif guest is not None and guest.visitor is not None:
        key, before = (
            f"visitor:{guest.visitor}",
            Comment.objects.written_by(visitor=guest.visitor),
        )
    else:
        name = guest.name if guest is not None else ""
        key = f"guest:{pitch.pk}:{name}"
        before = pitch.comments.filter(author=None, guest_name=name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    return before
