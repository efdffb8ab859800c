"""How a pitch comes to the wall, changes and leaves it: write, publish, edit, withdraw, reopen.

Every verb locks the pitch and writes its log in one transaction. Who may is the caller's matter
(:mod:`sessions.access`); when it is possible is decided here.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from config.lib import codes
from sessions import content as contents
from sessions import decisions
from sessions.content import PROPOSAL_FIELDS, Content, ProposalContent
from sessions.models import Event, Host, LogEntry, Pitch, Proposal, Tag
from speakers.models import User

State = Proposal.State


class PitchingClosed(Exception):
    """Too early, too late, or not a public event."""

    def __init__(self, event: Event, now: dt.datetime) -> None:
        self.event, self.now = event, now
        super().__init__()

    def __str__(self) -> str:
        opens = self.event.pitching_opens_at
        if opens is not None and self.now < opens:
            at = date_format(timezone.localtime(opens, self.event.zone), "DATETIME_FORMAT")
            return _("Pitching opens on %(at)s.") % {"at": at}
        return str(_("Pitching is closed."))


class BodyMissing(Exception):
    """A pitch without a text may be a draft, but does not hang on the wall."""

    def __str__(self) -> str:
        return str(_("The text is missing. Two sentences will do."))


class NotPossible(Exception):
    """The pitch is in a state in which this cannot be done, such as hidden by the organisers."""

    def __init__(self, pitch: Pitch) -> None:
        self.pitch = pitch
        super().__init__()

    def __str__(self) -> str:
        return _("This pitch is %(state)s.") % {"state": self.pitch.get_state_display()}


class EditConflict(Exception):
    """Somebody else saved in between; ``current`` is what they wrote."""

    def __init__(self, current: Content) -> None:
        self.current = current
        super().__init__()


class StillWanted(Exception):
    """These sessions are decided, placed or wanted: they can be withdrawn, not made to vanish."""

    def __init__(self, proposals: list[ProposalContent]) -> None:
        self.proposals = proposals
        super().__init__()


def known_tags(event: Event, limit: int = 60) -> list[str]:
    """Names of the tags on an event's wall, the most used first; one query."""
    on_the_wall = Q(items__content_object__event=event) & Q(
        items__content_object__state=Pitch.State.PUBLIC
    )
    used = Tag.objects.filter(on_the_wall).annotate(uses=Count("items")).order_by("-uses", "name")
    return list(used.values_list("name", flat=True)[:limit])


@transaction.atomic
def create(event: Event, *, by: User, content: Content, now: dt.datetime, code: str = "") -> Pitch:
    """A draft of ``by``. Called again with the same ``code`` it is still one pitch, with the
    newer content; a code that belongs to someone else's pitch counts as none.
    """
    pitch, created = Pitch.objects.get_or_create(
        code=code or codes.new_code(),
        defaults={
            "event": event,
            "owner": by,
            "title": content.title,
            "body": content.body,
            "language": content.language,
            "created_at": now,
            "updated_at": now,
        },
    )
    if created:
        Host.objects.create(pitch=pitch, person=by)
        _store(pitch, content)
        return pitch
    if (pitch.event_id, pitch.owner_id) != (event.pk, by.pk):
        return create(event, by=by, content=content, now=now)
    stored = contents.of(pitch).proposals
    again = [
        replace(new, code=stored[place].code if place < len(stored) else "")
        for place, new in enumerate(content.proposals)
    ]
    return edit(pitch, by=by, content=replace(content, proposals=tuple(again)), now=now)


@transaction.atomic
def edit(
    pitch: Pitch, *, by: User, content: Content, now: dt.datetime, seen: str | None = None
) -> Pitch:
    """Store ``content``; a proposal is known by its code, and one that is left out vanishes.

    ``seen`` is the token of the content that the writer began with, None for any.
    Raises :class:`NotPossible`, :class:`EditConflict`, :class:`BodyMissing`, :class:`StillWanted`.
    """
    row = _lock(pitch)
    if row.state in {Pitch.State.HIDDEN, Pitch.State.MERGED}:
        raise NotPossible(row)
    current = contents.of(row)
    if content == current:
        return row
    if seen is not None and seen != current.token:
        raise EditConflict(current)
    if row.state != Pitch.State.DRAFT and not content.body:
        raise BodyMissing
    row.title, row.body, row.language = content.title, content.body, content.language
    row.updated_at = now
    row.save(update_fields=["title", "body", "language", "updated_at"])
    _store(row, content)
    _log(row, LogEntry.Action.EDITED, by=by, now=now)
    return row


@transaction.atomic
def publish(pitch: Pitch, *, by: User, now: dt.datetime, anytime: bool = False) -> Pitch:
    """Hang a draft on the wall; nothing happens to one that hangs there.

    ``anytime``: even while no pitches are called for, which is the organisers' to say.
    Raises :class:`NotPossible`, :class:`PitchingClosed`, :class:`BodyMissing`.
    """
    row = _lock(pitch)
    if row.state == Pitch.State.PUBLIC:
        return row
    if row.state != Pitch.State.DRAFT:
        raise NotPossible(row)
    if not anytime and not row.event.takes_pitches(now):
        raise PitchingClosed(row.event, now)
    if not row.body:
        raise BodyMissing
    row.state, row.published_at, row.updated_at = Pitch.State.PUBLIC, now, now
    row.save(update_fields=["state", "published_at", "updated_at"])
    _log(row, LogEntry.Action.PUBLISHED, by=by, now=now)
    return row


@transaction.atomic
def withdraw(pitch: Pitch, *, by: User, now: dt.datetime) -> Pitch:
    """Take a pitch off the wall with every session of it that can still be withdrawn.

    Its interests and its discussion stay. Raises :class:`NotPossible`.
    """
    row = _lock(pitch)
    if row.state == Pitch.State.WITHDRAWN:
        return row
    if row.state != Pitch.State.PUBLIC:
        raise NotPossible(row)
    withdrawn = [
        decisions.withdraw(proposal, by=by).code
        for proposal in row.proposals.select_for_update().order_by("position")
        if State.WITHDRAWN in Proposal.TRANSITIONS[State(proposal.state)]
    ]
    row.state, row.updated_at = Pitch.State.WITHDRAWN, now
    row.save(update_fields=["state", "updated_at"])
    _log(row, LogEntry.Action.WITHDRAWN, by=by, now=now, sessions=withdrawn)
    return row


@transaction.atomic
def reopen(pitch: Pitch, *, by: User, now: dt.datetime) -> Pitch:
    """Hang a withdrawn pitch up again with the sessions that left together with it.

    Raises :class:`NotPossible`, :class:`PitchingClosed`.
    """
    row = _lock(pitch)
    if row.state == Pitch.State.PUBLIC:
        return row
    if row.state != Pitch.State.WITHDRAWN:
        raise NotPossible(row)
    if not row.event.takes_pitches(now):
        raise PitchingClosed(row.event, now)
    last = row.log.filter(action=LogEntry.Action.WITHDRAWN).order_by("-at", "-pk").first()
    left = set(last.details.get("sessions", ())) if last else set()
    for proposal in row.proposals.select_for_update().order_by("position"):
        if proposal.code in left and proposal.state == State.WITHDRAWN:
            decisions.reopen(proposal, by=by)
    row.state, row.updated_at = Pitch.State.PUBLIC, now
    row.save(update_fields=["state", "updated_at"])
    _log(row, LogEntry.Action.REOPENED, by=by, now=now)
    return row


@transaction.atomic
def discard(pitch: Pitch) -> None:
    """Delete a draft; its versions stay in the history. Raises :class:`NotPossible`."""
    row = _lock(pitch)
    if row.state != Pitch.State.DRAFT:
        raise NotPossible(row)
    row.delete()


def _lock(pitch: Pitch) -> Pitch:
    return Pitch.objects.select_for_update(of=("self",)).select_related("event").get(pk=pitch.pk)


def _store(pitch: Pitch, content: Content) -> None:
    """Write proposals and tags. The caller holds the lock of the pitch."""
    stored = {row.code: row for row in pitch.proposals.select_for_update().order_by("pk")}
    rows = [
        stored.pop(new.code) if new.code in stored else Proposal(pitch=pitch)
        for new in content.proposals
    ]
    removable = {row.pk for row in pitch.proposals.removable()}
    if wanted := {row.code for row in stored.values() if row.pk not in removable}:
        raise StillWanted([old for old in contents.of(pitch).proposals if old.code in wanted])
    for row in stored.values():
        row.delete()
    for position, (row, new) in enumerate(zip(rows, content.proposals, strict=True)):
        row.position = position
        for name in PROPOSAL_FIELDS:
            setattr(row, name, getattr(new, name))
        row.save(update_fields=[*PROPOSAL_FIELDS, "position"] if row.pk else None)
    pitch.tags.set(content.tags)


def _log(
    pitch: Pitch, action: LogEntry.Action, *, by: User, now: dt.datetime, **details: Any
) -> None:
    LogEntry.objects.create(
        event=pitch.event, pitch=pitch, action=action, actor=by, at=now, details=details
    )
