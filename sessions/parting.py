"""A merge of two pitches is undone: what it moved and what is still there goes back.

What came after the merge stays with the target. :mod:`comments.merging` has the whole verb.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sessions import curation, decisions, merging
from sessions.models import (
    Host,
    Interest,
    LogEntry,
    Merge,
    Move,
    OrganiserNote,
    Pitch,
    PitchTag,
    Proposal,
    Room,
    Schedule,
    Vote,
)
from sessions.models.move import during_of
from sessions.scheduling import moves
from speakers.models import User

State = Proposal.State


class Buried(merging.Refused):
    message = _("“%(title)s” has become part of another pitch itself. Undo that first.")


class NothingLeft(merging.Refused):
    message = _("“%(title)s” would be left without a session.")


@transaction.atomic
def part(merge: Merge, *, by: User, now: dt.datetime) -> bool:
    """Hang the source up again; whether that was new. Its discussion stays with the target.

    Locks as :mod:`sessions.merging` does. Raises :class:`merging.Refused`.
    """
    pitches = merging.lock(merge.source_id, merge.target_id)
    row = Merge.objects.select_for_update(of=("self",)).select_related("event").get(pk=merge.pk)
    row.source, row.target = pitches[row.source_id], pitches[row.target_id]
    if row.undone_at is not None:
        return False
    if row.target.state == Pitch.State.MERGED:
        raise Buried(row.target)
    moved = row.moved
    draft = moves.lock_draft(row.event)
    list(Proposal.objects.select_for_update().filter(pitch__in=pitches).order_by("pk"))
    _refuse_if_empty(row)
    _bring_back_source(row, now=now)
    _give_back(row.target, row.source, moved["sessions"])
    for pk, was in moved["merged"].items():
        _part_session(int(pk), was, draft=draft, by=by, now=now)
        votes = Vote.objects.filter(pk__in=was.get("votes", ()), proposal=was["into"])
        votes.filter(at__lte=row.at).delete()  # one that was changed since is of the target
    _disperse(row.target, moved)
    OrganiserNote.objects.filter(pk__in=moved["notes"], pitch=row.target).update(pitch=row.source)
    row.undone_at = now
    row.save(update_fields=["undone_at"])
    merging.log(row, LogEntry.Action.PARTED, by=by, now=now)
    merging.tell(row, "sessions/pitches_parted")
    return True


def _refuse_if_empty(row: Merge) -> None:
    """Hosts may have removed sessions since; a pitch has at least one."""
    back = row.target.proposals.filter(pk__in=row.moved["sessions"])
    if not row.target.proposals.exclude(pk__in=back).exists():
        raise NothingLeft(row.target)
    if not (back.exists() or row.source.proposals.exists()):
        raise NothingLeft(row.source)


def _bring_back_source(row: Merge, *, now: dt.datetime) -> None:
    curation.unmerge(row.source, now=now)
    merging.changed(row.target, now=now)
    earlier = Pitch.objects.filter(pk__in=row.moved["earlier"], merged_into=row.target)
    earlier.update(merged_into=row.source)


def _give_back(target: Pitch, source: Pitch, moved: dict[str, Any]) -> None:
    """Sessions, under their own names; what was written into them since stays written."""
    for session in target.proposals.filter(pk__in=moved).order_by("pk"):
        was = moved[str(session.pk)]
        session.pitch, session.position = source, was["position"]
        if was["titled"] and session.title == source.title:
            session.title = ""
        if was["described"] and session.abstract == source.body:
            session.abstract = ""
        session.save(update_fields=["pitch", "position", "title", "abstract"])


def _part_session(
    pk: int, was: dict[str, Any], *, draft: Schedule, by: User, now: dt.datetime
) -> None:
    """A merged session as it was, also in its place if that is still free."""
    Interest.objects.filter(pk__in=was["interests"], proposal=was["into"]).delete()
    Proposal.objects.filter(pk__in=was["earlier"], merged_into=was["into"]).update(merged_into=pk)
    session = Proposal.objects.with_pitch().get(pk=pk)
    decisions.unmerge(session, to=was["state"], by=by)
    if was["prepared"]:
        decisions.prepare(session, was["prepared"], by=by)
    room = Room.objects.filter(pk=was["place"]["room"]).first() if was["place"] else None
    if room is None:
        return
    to = moves.Spot(room, during_of(was["place"]), was["place"]["pinned"])
    try:
        moves.put_up(draft, session, to, doing=moves.Doing(by, now), kind=Move.Kind.PLACED)
    except moves.Refused:
        return  # taken meanwhile: it waits beside the board, where organisers look for it


def _disperse(target: Pitch, moved: dict[str, Any]) -> None:
    """Hosts, their interest and tags that only the merge has brought to the target."""
    came: QuerySet[Host] = target.hosts.filter(pk__in=moved["hosts"]["new"])
    came.exclude(person=target.owner_id).delete()
    target.hosts.filter(pk__in=moved["hosts"]["accepted"]).update(state=Host.State.INVITED)
    PitchTag.objects.filter(pk__in=moved["tags"], content_object=target).delete()
    sessions = Proposal.objects.in_bulk([own["proposal"] for own in moved["own"]])
    people = User.objects.in_bulk([own["user"] for own in moved["own"]])
    Interest.objects.bulk_create(
        [
            Interest(proposal_id=own["proposal"], user_id=own["user"], created_at=own["at"])
            for own in moved["own"]
            if own["proposal"] in sessions and own["user"] in people
        ],
        ignore_conflicts=True,
    )
