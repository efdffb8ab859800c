"""Two pitches that say the same become one: their sessions, hosts, interest, votes, tags, notes.

:mod:`comments.merging` has the verb that brings the discussion along, :mod:`sessions.parting`
undoes it. Locks, in this order: both pitches by id, the draft, the sessions by id.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib import mail
from sessions import curation, decisions, outbox
from sessions.content import MAX_PROPOSALS, MAX_TAGS
from sessions.models import (
    Event,
    Host,
    Interest,
    LogEntry,
    Merge,
    Move,
    OrganiserNote,
    Pitch,
    PitchTag,
    Placement,
    Proposal,
    Schedule,
    Vote,
)
from sessions.models.move import spot
from sessions.scheduling import moves
from speakers.models import User

Moved = dict[str, Any]
Into = Mapping[Proposal, Proposal]


class Refused(Exception):
    """These two cannot be merged, or not be parted; ``str()`` is fit to be shown."""

    message: Any = ""  # text, translated when it is shown

    def __init__(self, row: Pitch | Proposal | None = None) -> None:
        self.row = row
        super().__init__()

    def __str__(self) -> str:
        title = "" if self.row is None else str(self.row)
        return str(self.message) % {"title": title, "n": MAX_PROPOSALS}


class Itself(Refused):
    message = _("A pitch cannot be merged with itself.")


class OtherEvent(Refused):
    message = _("“%(title)s” belongs to another event.")


class AlreadyMerged(Refused):
    message = _("“%(title)s” is part of another pitch already.")


class NotPublic(Refused):
    message = _("“%(title)s” does not hang on the wall.")


class TooMany(Refused):
    message = _("“%(title)s” would have more than %(n)d sessions. Merge some of them.")


class NotThere(Refused):
    message = _("“%(title)s” is no session any more that another could become part of.")


class Published(Refused):
    message = _(
        "“%(title)s” stands in the published programme. Let it become a session of its own, or "
        "take it off the board and publish that first."
    )


@dataclass(frozen=True)
class Preview:
    """What a merge would do; ``together`` are people, each counted once, without the hosts."""

    new_hosts: tuple[Host, ...]
    of_source: int
    of_target: int
    together: int
    tags: tuple[str, ...]


def preview(source: Pitch, target: Pitch) -> Preview:
    """Seven queries."""
    leading = set(target.hosts.values_list("person_id", flat=True))
    joining = source.hosts.accepted().exclude(person__in=leading).select_related("person__profile")
    hosts = leading | {host.person_id for host in joining}
    wanted = {
        pitch.pk: {
            who for who in _wanting(pitch).values_list("user", "visitor") if who[0] not in hosts
        }
        for pitch in (source, target)
    }
    return Preview(
        new_hosts=tuple(joining),
        of_source=len(wanted[source.pk]),
        of_target=len(wanted[target.pk]),
        together=len(wanted[source.pk] | wanted[target.pk]),
        tags=tuple(tag.name for tag in _new_tags(source, target)),
    )


def _wanting(pitch: Pitch) -> Any:
    return Interest.objects.filter(proposal__in=pitch.proposals.exclude(state__in=Proposal.GONE))


def movable(pitch: Pitch) -> list[Proposal]:
    """Sessions that a merge takes along; what was cancelled or withdrawn stays behind."""
    left = pitch.proposals.with_pitch().exclude(state__in=Proposal.GONE)
    return list(left.order_by("position"))


def refuse(source: Pitch, target: Pitch) -> None:
    """Raises what can be known of the two pitches alone."""
    if source.pk == target.pk:
        raise Itself
    if source.event_id != target.event_id:
        raise OtherEvent(target)
    for pitch in (source, target):
        if pitch.state == Pitch.State.MERGED:
            raise AlreadyMerged(pitch)
        if pitch.state != Pitch.State.PUBLIC:
            raise NotPublic(pitch)


@transaction.atomic
def merge(source: Pitch, *, target: Pitch, into: Into, by: User, now: dt.datetime) -> Merge:
    """Let ``target`` hold what ``source`` held; ``source`` leads to it from now on.

    ``into`` names the sessions that become part of one of the target; each other one becomes a
    session of the target itself. The discussion stays: see :func:`comments.merging.merge`.
    Raises :class:`Refused`.
    """
    locked = lock(source.pk, target.pk)
    source, target = locked[source.pk], locked[target.pk]
    refuse(source, target)
    draft = moves.lock_draft(target.event)
    sessions = _sessions(source, target, into)
    moved = {"hosts": _unite_hosts(source, target), "tags": _unite_tags(source, target)}
    moved["merged"] = {
        str(row.pk): _merge_session(row, into[row], draft=draft, by=by, now=now)
        for row in sessions
        if row in into
    }
    moved["sessions"] = _hand_over([row for row in sessions if row not in into], target)
    moved["own"] = _drop_own_interest(target)
    moved["notes"] = handed(OrganiserNote.objects.filter(pitch=source), pitch=target)
    moved["earlier"] = handed(Pitch.objects.filter(merged_into=source), merged_into=target)
    curation.merge(source, into=target, now=now)
    changed(target, now=now)
    row = Merge.objects.create(
        event=target.event, source=source, target=target, by=by, at=now, moved=moved
    )
    log(row, LogEntry.Action.MERGED, by=by, now=now)
    tell(row, "sessions/pitches_merged")
    return row


def lock(*pks: int) -> dict[int, Pitch]:
    """By id, whoever is merged into whom: so two who do it crosswise wait for one another."""
    rows = Pitch.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    return {row.pk: row for row in rows.filter(pk__in=pks).order_by("pk")}


def changed(pitch: Pitch, *, now: dt.datetime) -> None:
    """Its text may hold other links now."""
    pitch.updated_at = now
    pitch.save(update_fields=["updated_at"])


def handed(rows: Any, **to: object) -> list[int]:
    """The ids of rows that were given to somebody else."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._base_manager.filter(pk__in=ids).update(**to)
    return ids


def _sessions(source: Pitch, target: Pitch, into: Into) -> list[Proposal]:
    """Those of the source that go along, every one of both pitches locked."""
    rows = Proposal.objects.select_for_update(of=("self",)).with_pitch()
    both = list(rows.filter(pitch__in=[source, target]).order_by("pk"))
    alive = [row for row in both if row.state not in Proposal.GONE]
    theirs = [row for row in both if row.pitch_id == target.pk]
    sessions = [row for row in alive if row.pitch_id == source.pk]
    for other in into.values():
        if other not in alive or other not in theirs:
            raise NotThere(other)
    if len(theirs) + len([row for row in sessions if row not in into]) > MAX_PROPOSALS:
        raise TooMany(target)
    shown = in_programme(target.event)
    for row in sessions:
        if row in into and row.pk in shown:
            raise Published(row)
    return sorted(sessions, key=lambda row: row.position)


def in_programme(event: Event) -> set[int]:
    """Ids of the sessions that have a place in the newest published version."""
    newest = event.schedules.published()[:1]
    return set(
        Placement.objects.filter(schedule__in=list(newest)).values_list("proposal", flat=True)
    )


def _unite_hosts(source: Pitch, target: Pitch) -> Moved:
    """Whoever leads the source leads the target, too; its owner and order stay."""
    there = {host.person_id: host for host in target.hosts.all()}
    position = max((host.position for host in there.values()), default=0)
    new, accepted = [], []
    for host in source.hosts.order_by("position", "pk"):
        known = there.get(host.person_id)
        if known is None:
            position += 1
            row = target.hosts.create(person=host.person, position=position, state=host.state)
            new.append(row.pk)
        elif known.state == Host.State.INVITED and host.state == Host.State.ACCEPTED:
            target.hosts.filter(pk=known.pk).update(state=host.state)
            accepted.append(known.pk)
    return {"new": new, "accepted": accepted}


def _new_tags(source: Pitch, target: Pitch) -> list[Any]:
    mine = set(target.tag_items.values_list("tag_id", flat=True))
    other = source.tag_items.exclude(tag__in=mine).select_related("tag").order_by("pk")
    return [item.tag for item in other][: max(0, MAX_TAGS - len(mine))]


def _unite_tags(source: Pitch, target: Pitch) -> list[int]:
    return [
        PitchTag.objects.create(tag=tag, content_object=target).pk
        for tag in _new_tags(source, target)
    ]


def _merge_session(
    row: Proposal, into: Proposal, *, draft: Schedule, by: User, now: dt.datetime
) -> Moved:
    """A session becomes part of another: nobody's interest is lost, its place is free."""
    placement = draft.placements.filter(proposal=row).select_related("room").first()
    place = spot(placement) if placement else None
    if placement:
        placement.schedule = draft
        moves.take_off(placement, doing=moves.Doing(by, now), kind=Move.Kind.UNPLACED)
    was = {"into": into.pk, "state": row.state, "prepared": row.prepared_state, "place": place}
    decisions.merge(row, into=into, by=by)
    earlier = handed(Proposal.objects.filter(merged_into=row), merged_into=into)
    interests, votes = _unite_interest(row, into), _unite_votes(row, into)
    return {**was, "interests": interests, "votes": votes, "earlier": earlier}


def _unite_interest(row: Proposal, into: Proposal) -> list[int]:
    """Each person once, since when they were first interested in what is new to them."""
    known = set(into.interests.values_list("user_id", "visitor"))
    new = [
        Interest(proposal=into, user_id=one.user_id, visitor=one.visitor, created_at=one.created_at)
        for one in row.interests.order_by("pk")
        if (one.user_id, one.visitor) not in known
    ]
    Interest.objects.bulk_create(new, ignore_conflicts=True)
    users = [one.user_id for one in new if one.user_id]
    visitors = [one.visitor for one in new if one.visitor]
    theirs = into.interests.filter(Q(user__in=users) | Q(visitor__in=visitors))
    return list(theirs.order_by("pk").values_list("pk", flat=True))


def _unite_votes(row: Proposal, into: Proposal) -> list[int]:
    """One of each organiser: what they said of the session that stays counts."""
    said = row.votes.exclude(organiser__in=into.votes.values("organiser")).order_by("pk")
    new = [Vote(proposal=into, organiser_id=v.organiser_id, value=v.value, at=v.at) for v in said]
    return [vote.pk for vote in Vote.objects.bulk_create(new)]


def _hand_over(sessions: Iterable[Proposal], target: Pitch) -> Moved:
    """Sessions of the target from now on, behind its own, under the name that they have had."""
    moved: Moved = {}
    places = [row.position for row in target.proposals.all()]
    position = max(places, default=-1)
    text = ""
    for row in sessions:
        source, position = row.pitch, position + 1
        was = {"position": row.position, "titled": not row.title, "described": False}
        if not row.abstract and not text:
            was["described"], text = True, source.body
            row.abstract = source.body
        row.title = row.title or source.title
        row.pitch, row.position = target, position
        row.save(update_fields=["pitch", "position", "title", "abstract"])
        moved[str(row.pk)] = was
    return moved


def _drop_own_interest(target: Pitch) -> list[Moved]:
    """Hosts come anyway, also to what was somebody else's until now."""
    leading = target.hosts.values("person")
    rows = Interest.objects.filter(proposal__pitch=target, user__in=leading).order_by("pk")
    own = [
        {"proposal": row.proposal_id, "user": row.user_id, "at": row.created_at.isoformat()}
        for row in rows
    ]
    rows.delete()
    return own


def log(row: Merge, action: LogEntry.Action, *, by: User, now: dt.datetime) -> None:
    """At both pitches, each with the code of the other."""
    for pitch, details in (
        (row.source, {"into": row.target.code}),
        (row.target, {"with": row.source.code}),
    ):
        LogEntry.objects.create(
            event=row.event, pitch=pitch, action=action, actor=by, at=now, details=details
        )


def tell(row: Merge, template: str) -> None:
    """Every host of one of the two, once; whoever has not proved an address gets no mail."""
    leading = Host.objects.accepted().filter(pitch__in=[row.source, row.target]).order_by()
    joined = set(leading.filter(pitch=row.source).values_list("person", flat=True))
    people = User.objects.reachable().filter(pk__in=leading.values("person"))
    for person in people.select_related("profile").order_by("pk"):
        context = {"merge": row, "event": row.event, "person": person, "led": person.pk in joined}
        email = mail.send(template, to=person.email, language=person.language, context=context)
        outbox.keep(row.event, email, kind=outbox.Kind.MERGE)
