"""What is known of a mention, and the comment that shows it.

This is the one place that gives a :class:`Mention` its state. Whoever moderates has the last word:
a mention whose comment was hidden, marked as spam or deleted here stays away, whatever its source
says later. Locks: the pitch, then the mention, then its comment.
"""

import datetime as dt
import re

from django.db import transaction

from comments import filters, forgetting, notifications, posting, states
from comments.mentions.parse import Said
from comments.models import Comment, Filter, Mention, Rules
from config.lib.text import COMMENT_MAX_LENGTH, render_markdown
from sessions.models import Pitch

Protocol = Comment.Origin
State = Mention.State

SHUT = frozenset(
    {
        Comment.State.SPAM,
        Comment.State.REMOVED,
        Comment.State.LEAVING,
        Comment.State.DELETED,
    }
)
NAME_LENGTH, SITE_LENGTH = 80, 300  # as the comment has room
MARKS = re.compile(r"([\\`*_\[\]<>&~|#])")
BLOCK_MARKS = re.compile(r"^(\d*)([-+=.)])")


def received(
    pitch: Pitch, source: str, *, target: str, protocol: Protocol, now: dt.datetime
) -> tuple[Mention, bool]:
    """The one row of this source below this pitch, and whether it is new."""
    told = {"target": target, "protocol": protocol.value, "received_at": now}
    fresh = {**told, "domain": domain_of(source)}
    mention, is_new = Mention.objects.get_or_create(pitch=pitch, source=source, defaults=fresh)
    if not is_new:
        if mention.protocol == Protocol.WEBMENTION:
            told["protocol"] = mention.protocol  # says more than a pingback
        if _is_rejected(mention):
            told["state"] = State.REJECTED
        _set(mention, **told)
    return mention, is_new


def due(mention_id: int) -> Mention | None:
    """The mention, unless it was looked at since somebody last told us, or is rejected."""
    mentions = Mention.objects.select_related("pitch__event", "comment")
    mention = mentions.filter(pk=mention_id).first()
    if mention is None or _is_rejected(mention):
        return None
    if mention.checked_at is not None and mention.checked_at >= mention.received_at:
        return None
    return mention


@transaction.atomic
def verified(mention: Mention, said: Said, *, domain: str, now: dt.datetime) -> None:
    """The link stands: show what the source says, or bring it up to date."""
    pitch, row = _held(mention)
    if row is None or _is_rejected(row):
        return
    if pitch.state != Pitch.State.PUBLIC:
        _set(row, state=State.FAILED, failure="closed", checked_at=now)
        return
    comment = row.comment or Comment(pitch=pitch, origin=row.protocol)
    was = (comment.guest_name, comment.body)
    _write(comment, row, said, now=now)
    rules = Rules.of(pitch.event)
    if row.comment is None:
        comment.created_at = _written_at(said, pitch, now=now)
        because = _reason_to_hold(comment, domain, rules)
        state = Comment.State.AWAITING_MODERATION if because else Comment.State.PUBLISHED
        comment.held_because = because
        is_published = states.begin(comment, state, now=now)
        posting.hang(comment)
        if is_published:
            notifications.published(comment, now=now)
    elif was != (comment.guest_name, comment.body):
        comment.edited_at = now
        because = _reason_to_hold(comment, domain, rules) if comment.is_published else ""
        state = Comment.State.AWAITING_MODERATION if because else Comment.State(comment.state)
        states.turn(comment, state, now=now, held_because=because or comment.held_because)
    _set(
        row,
        comment=comment,
        state=State.VERIFIED,
        kind=said.kind,
        title=said.title,
        domain=domain,
        failure="",
        checked_at=now,
    )


@transaction.atomic
def gone(mention: Mention, *, failure: str, now: dt.datetime) -> None:
    """The source is gone, or does not link here any more, or never did: nothing is shown of it."""
    _pitch, row = _held(mention)
    if row is None or _is_rejected(row):
        return
    comment, was_shown = row.comment, row.state == State.VERIFIED
    state = State.GONE if was_shown or row.state == State.GONE else State.FAILED
    _set(row, comment=None, state=state, title="", failure=failure, checked_at=now)
    if comment is not None:
        forgetting.bury(comment, now=now)


@transaction.atomic
def failed(mention: Mention, *, failure: str, now: dt.datetime) -> None:
    """It could not be looked at; what was verified earlier stays."""
    _pitch, row = _held(mention)
    if row is None or _is_rejected(row):
        return
    state = State.FAILED if row.state == State.RECEIVED else State(row.state)
    _set(row, state=state, failure=failure, checked_at=now)


@transaction.atomic
def told_again(mention: Mention, *, now: dt.datetime) -> bool:
    """As if somebody had sent it anew; whether there is something to look at."""
    _pitch, row = _held(mention)
    if row is None or _is_rejected(row):
        return False
    _set(row, received_at=now)
    return True


def domain_of(url: str) -> str:
    """The site that an address belongs to, as it is moderated and shown."""
    return re.sub(r"^https?://(?:www\.)?(\[[^]]*\]|[^/:]+).*", r"\1", url)[:253]


def _set(row: Mention, **fields: object) -> None:
    Mention.objects.filter(pk=row.pk).update(**fields)
    for name, value in fields.items():
        setattr(row, name, value)


def _held(mention: Mention) -> tuple[Pitch, Mention | None]:
    """Pitch, mention and comment as they are now, held to the end of the transaction."""
    pitch = posting.locked(mention.pitch_id)
    row = Mention.objects.select_for_update(of=("self",)).filter(pk=mention.pk).first()
    if row is not None and row.pitch_id != pitch.pk:
        pitch = row.pitch  # merged meanwhile
    if row is not None and row.comment_id is not None:
        row.comment = Comment.objects.select_for_update(of=("self",)).get(pk=row.comment_id)
        if row.comment.pitch_id == pitch.pk:
            row.comment.pitch = pitch
    return pitch, row


def _is_rejected(row: Mention) -> bool:
    """By moderators, or erased: a verified mention has a comment that stands or waits."""
    if row.state == State.VERIFIED:
        return row.comment is None or row.comment.state in SHUT
    return row.state == State.REJECTED


def _write(comment: Comment, row: Mention, said: Said, *, now: dt.datetime) -> None:
    comment.guest_name = (said.author or domain_of(row.source))[:NAME_LENGTH]
    comment.guest_site = row.source if len(row.source) <= SITE_LENGTH else ""
    comment.body = escaped(said.text)
    comment.body_html = render_markdown(comment.body, max_length=COMMENT_MAX_LENGTH)


def _written_at(said: Said, pitch: Pitch, *, now: dt.datetime) -> dt.datetime:
    """What the source says, if it can be true."""
    at = said.written_at
    if at is None or at > now or (pitch.published_at and at < pitch.published_at):
        return now
    return at


def _reason_to_hold(comment: Comment, domain: str, rules: Rules) -> str:
    """The first mention of a site is moderated, and so is whatever a filter of the event meets."""
    text = filters.Text(
        body=comment.body, html=comment.body_html, name=comment.guest_name, site=comment.guest_site
    )
    if reasons := filters.of_text(text, rules):
        return reasons[0].value
    siblings = Mention.objects.filter(pitch__event=comment.pitch.event_id, domain=domain)
    is_known = siblings.filter(comment__state=Comment.State.PUBLISHED).exists()
    return "" if is_known else Filter.DOMAIN.value


def escaped(text: str) -> str:
    """Plain text as the Markdown that shows just that; ``text`` is a single line."""
    return BLOCK_MARKS.sub(r"\1\\\2", MARKS.sub(r"\\\1", text))
