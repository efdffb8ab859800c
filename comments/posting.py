"""Writing below a pitch: post and edit. (:mod:`comments.leaving` deletes.)

Whatever changes the shape of a thread holds the row of its pitch (:func:`locked`), so that a
reply never hangs below a comment that goes in the same moment, and ids rise in the order in
which they appear.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import get_language

from comments import bans, closures, confirmations, filters, markup, notifications, rates, states
from comments.filters import Sent, Text
from comments.models import Comment, Filter, Rules
from comments.refusals import (
    Archived,
    Banned,
    Closed,
    Gone,
    MembersOnly,
    ParentGone,
    Refused,
    ThreadClosed,
    TooLate,
)
from comments.writers import Guest, Writer
from config.lib.text import TooLong
from sessions import access
from sessions.models import Event, Host, Pitch, Proposal
from speakers.models import Profile, User, Viewer

EDITABLE_FOR = dt.timedelta(minutes=15)
EDITS_A_MINUTE = 10  # every version is kept
UNDO_WITHIN = dt.timedelta(minutes=10)
SAME_TEXT_WITHIN = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Posted:
    """``is_new`` is false when the same text stood there already."""

    comment: Comment
    is_new: bool


def refusal(
    pitch: Pitch,
    user: Viewer,
    *,
    visitor: uuid.UUID | None = None,
    email: str = "",
    parent: Comment | None = None,
    closed: closures.Closed | None = None,
) -> Closed | None:
    """Why somebody cannot write below ``pitch`` or ``parent``, or None.

    Needs ``pitch.event`` loaded. One query for what moderators closed, unless ``closed`` says
    that, and one for bans unless nothing is known of the reader.
    """
    if pitch.state != Pitch.State.PUBLIC:
        return Closed()
    if not access.may_comment(user, pitch.event):
        if pitch.event.state == Event.State.ARCHIVED:
            return Archived()
        if pitch.event.comment_policy == Event.CommentPolicy.MEMBERS:
            return MembersOnly()
        return Closed()
    if (closed or closures.of(pitch)).covers(parent):
        return ThreadClosed()
    is_known = user.is_authenticated or visitor is not None or email
    if is_known and bans.holds(pitch.event, user=user, visitor=visitor, email=email):
        return Banned()
    return None


def post(
    pitch: Pitch,
    *,
    body: str,
    now: dt.datetime,
    by: User | None = None,
    guest: Guest | None = None,
    parent: Comment | None = None,
    proposal: Proposal | None = None,
    sent: Sent | None = None,
) -> Posted:
    """Take a comment of an account or else of a guest, and publish or hold it.

    The same text by the same person below the same pitch makes one comment. ``sent`` is what came
    with a form; without it nothing of that is looked at. Raises :class:`Refused`,
    :class:`markup.Empty`, :class:`config.lib.text.TooLong` and :class:`rates.TooMany`; why a text
    was turned away is noted, whatever becomes of the transaction.
    """
    writer = Writer(by, guest or Guest(name=""))
    comment = Comment(pitch=pitch, proposal=proposal, body=body, created_at=now)
    try:
        return _post(comment, writer, parent=parent, sent=sent)
    except (Refused, markup.Empty, TooLong, rates.TooMany) as error:
        if reason := _reason(error):
            filters.note(pitch.event, reason, now=now)
        raise


@transaction.atomic
def _post(comment: Comment, writer: Writer, *, parent: Comment | None, sent: Sent | None) -> Posted:
    """In the order of the filters. Locks, in this order: the writer, the pitch, the rates."""
    pitch, now = comment.pitch, comment.created_at
    comment.body_html = markup.rendered(comment.body, hosts=mentionable(pitch))
    before = writer.one_at_a_time(pitch)
    held = locked(pitch.pk)
    held.event = pitch.event
    guest = writer.guest
    refused = refusal(held, writer.user, visitor=guest.visitor, email=guest.email, parent=parent)
    if refused is not None:
        raise refused
    if sent is not None:
        filters.check_form(sent, writer=writer, now=now)
    same = before.standing().filter(pitch=pitch, body=comment.body)
    if (earlier := same.since(now - SAME_TEXT_WITHIN).order_by("pk").first()) is not None:
        return Posted(earlier, is_new=False)
    if parent is not None:
        parent = pitch.comments.published().filter(pk=parent.pk).first()
        if parent is None:
            raise ParentGone
    rates.consume(*writer.limits(sent.net if sent else ""), now=now)
    _sign(comment, writer)
    rules = Rules.of(pitch.event)
    reasons = filters.holding(
        pitch, _text(comment), writer=writer, before=before, rules=rules, now=now
    )
    is_published = _begin(comment, reasons, rules=rules)
    hang(comment, below=parent)
    if comment.state == Comment.State.AWAITING_EMAIL:
        confirmations.ask(comment, language=get_language() or pitch.event.language, now=now)
    if is_published:
        notifications.published(comment, now=now)
    return Posted(comment, is_new=True)


def _sign(comment: Comment, writer: Writer) -> None:
    if writer.account is not None:
        comment.author = writer.account
        return
    guest = writer.guest
    comment.visitor = guest.visitor or uuid.uuid4()
    comment.guest_name, comment.guest_email = guest.name, guest.email
    comment.guest_site = guest.site


def _begin(comment: Comment, reasons: list[Filter], *, rules: Rules) -> bool:
    """Whether it is published at once. What an address could release is asked for that first."""
    state = Comment.State.PUBLISHED
    if reasons:
        state, comment.held_because = Comment.State.AWAITING_MODERATION, reasons[0]
        by_mail = rules.first_comment == Rules.FirstComment.EMAIL and comment.guest_email
        if by_mail and Filter.FIRST_POST in reasons:
            state = Comment.State.AWAITING_EMAIL
    return states.begin(comment, state, now=comment.created_at)


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
    """Change the text for its author, who the caller has made sure of; it may become held.

    Needs ``pitch.event`` loaded. Raises :class:`Refused`, :class:`markup.Empty`,
    :class:`config.lib.text.TooLong` and :class:`rates.TooMany`.
    """
    pitch = comment.pitch
    html = markup.rendered(body, hosts=mentionable(pitch))
    rows = Comment.objects.select_related("author").select_for_update(of=("self",))
    row = rows.standing().filter(pk=comment.pk).first()
    if row is None:
        raise Gone
    if row.pitch_id != pitch.pk:  # merged meanwhile
        pitch = row.pitch
    if not is_editable(row, now):
        raise TooLate
    if bans.holds(pitch.event, user=row.author, visitor=row.visitor, email=row.guest_email):
        raise Banned
    if body == row.body:
        return row
    rates.consume(rates.Limit("edit", row.pk, EDITS_A_MINUTE), now=now)
    row.pitch, row.body, row.body_html, row.edited_at = pitch, body, html, now
    return _held_again(row, now=now)


def _held_again(row: Comment, *, now: dt.datetime) -> Comment:
    """After a change; what is held stays so, for the reason that comes first."""
    reasons: list[Filter] = []
    if not Writer(row.author, Guest(name="")).is_trusted(row.pitch):
        reasons = filters.of_text(_text(row), Rules.of(row.pitch.event))
    state, because = Comment.State(row.state), row.held_because
    if reasons and (row.is_published or because == Filter.FIRST_POST):
        because = reasons[0]
    if reasons and row.is_published:
        state = Comment.State.AWAITING_MODERATION
    return states.turn(row, state, now=now, held_because=because)


def is_editable(comment: Comment, now: dt.datetime) -> bool:
    is_standing = comment.is_published or comment.is_held
    return is_standing and now < comment.created_at + EDITABLE_FOR


def can_undo(comment: Comment, now: dt.datetime) -> bool:
    """Whether its author can take the deletion back."""
    return comment.left_at is not None and now < comment.left_at + UNDO_WITHIN


def locked(pitch_id: int) -> Pitch:
    """The pitch, held to the end of the transaction; its foreign keys stay usable."""
    return Pitch.objects.select_for_update(no_key=True).get(pk=pitch_id)


def held(comment: Comment) -> Comment | None:
    """The row as it is now, its pitch held, too; None if it is gone.

    A merge may have brought it to another pitch since ``comment`` was read. The one it came from
    is held then, without which that merge is not undone.
    """
    pitch = locked(comment.pitch_id)
    row = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk).first()
    if row is not None and row.pitch_id == pitch.pk:
        row.pitch = pitch
    return row


def mentionable(pitch: Pitch) -> list[Profile]:
    """Whom a text can mention; no query when the pitch was loaded ``with_hosts()``."""
    accepted = [host for host in pitch.hosts.all() if host.state == Host.State.ACCEPTED]
    return [host.person.profile for host in accepted]


def _text(comment: Comment) -> Text:
    return Text(
        body=comment.body,
        html=comment.body_html,
        name=comment.guest_name,
        site=comment.guest_site,
    )


def _reason(error: Exception) -> Filter | None:
    if isinstance(error, Refused):
        return error.reason
    return Filter.RATE if isinstance(error, rates.TooMany) else Filter.SIZE
