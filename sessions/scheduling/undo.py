"""Undo and redo on the board: any number of steps, each organiser their own.

A step is undone only while everything that it moved is still where it left it. Otherwise whoever
came later would lose their move; they are named instead (:class:`Overtaken`).
"""

import datetime as dt
from collections.abc import Iterable
from operator import attrgetter

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from sessions.models import Delay, Event, Move, Placement, Room, Schedule
from sessions.models.delay import DelayQuerySet
from sessions.models.move import MoveQuerySet, during_of, spot
from sessions.scheduling import delay
from sessions.scheduling.moves import Doing, Spot, moving, put, put_up, refuse_if_taken, take_off
from sessions.scheduling.refusals import Happened, NoSlot, Refused, what_happened
from speakers.models import User

Kind = Move.Kind


class NothingLeft(Refused):
    """There is no step of this person's to undo or to do again."""

    def __str__(self) -> str:
        return _("There is nothing left to undo or to do again.")


class Overtaken(Refused):
    """Somebody has moved something of this step since."""

    def __init__(self, happened: Happened) -> None:
        self.happened = happened
        super().__init__(happened)

    def __str__(self) -> str:
        return _("This cannot be undone, because the board has changed since: %(happened)s") % {
            "happened": self.happened
        }


def undo(event: Event, *, by: User, now: dt.datetime) -> list[Move]:
    """Take back the last step of ``by`` and return its rows, none for a delay without sessions.

    Raises :class:`NothingLeft`, :class:`Overtaken`, and what :mod:`moves` raises for a place that
    is gone or taken.
    """
    with moving(event) as draft:
        steps = (undoable(event, by).first(), delays_undoable(event, by).first())
        last = max(_existing(steps), key=attrgetter("at"))
        rows = _rows(last)
        delay.turn(event, last.step, back=True)
        _bring_back(draft, rows, to="before", doing=Doing(by, now), kind=Kind.UNDONE)
        _mark(last, rows, undone_at=now)
    return rows


def redo(event: Event, *, by: User, now: dt.datetime) -> list[Move]:
    """Do again what ``by`` undid last; a new move in between ends that. Raises as :func:`undo`."""
    with moving(event) as draft:
        steps = (redoable(event, by).first(), delays_redoable(event, by).first())
        last = min(_existing(steps), key=attrgetter("at"))
        rows = _rows(last)
        delay.turn(event, last.step, back=False)
        _bring_back(draft, rows, to="after", doing=Doing(by, now), kind=Kind.REDONE)
        _mark(last, rows, undone_at=None)
    return rows


def undoable(event: Event, user: User) -> MoveQuerySet:
    """Rows that :func:`undo` may take back, the next step first."""
    return Move.objects.of(user, event).own().filter(undone_at=None).order_by("-pk")


def redoable(event: Event, user: User) -> MoveQuerySet:
    """Rows that :func:`redo` may do again, what was undone last first: none as soon as this
    person has moved something since.
    """
    undone = Move.objects.of(user, event).own().filter(undone_at__isnull=False)
    return undone.exclude(_has_gone_on(user, event)).order_by("pk")


def delays_undoable(event: Event, user: User) -> DelayQuerySet:
    """As :func:`undoable`, delays that moved no session and so have no rows there."""
    mine = Delay.objects.of(user, event).without_sessions()
    return mine.filter(undone_at=None).order_by("-pk")


def delays_redoable(event: Event, user: User) -> DelayQuerySet:
    """As :func:`redoable`, delays that moved no session."""
    mine = Delay.objects.of(user, event).without_sessions().filter(undone_at__isnull=False)
    return mine.exclude(_has_gone_on(user, event)).order_by("pk")


def _has_gone_on(user: User, event: Event) -> Q:
    """Whether this person has done something else since an outer step was undone."""
    since = {"at__gt": OuterRef("undone_at")}
    moved = Move.objects.of(user, event).own().filter(**since)
    return Q(Exists(moved)) | Q(Exists(Delay.objects.of(user, event).filter(**since)))


def _existing(steps: Iterable[Move | Delay | None]) -> list[Move | Delay]:
    if found := [step for step in steps if step is not None]:
        return found
    raise NothingLeft


def _rows(step: Move | Delay) -> list[Move]:
    rows = Move.objects.filter(step=step.step, by=step.by_id)
    return list(rows.select_related("proposal__pitch__event").order_by("pk"))


def _mark(step: Move | Delay, rows: list[Move], *, undone_at: dt.datetime | None) -> None:
    Move.objects.filter(pk__in=[row.pk for row in rows]).update(undone_at=undone_at)
    Delay.objects.filter(step=step.step).update(undone_at=undone_at)


def _bring_back(
    draft: Schedule, rows: list[Move], *, to: str, doing: Doing, kind: Move.Kind
) -> None:
    """Each session of a step to its place ``before`` or ``after`` it, all or none.

    What stands in the way of another of the same step goes first, hence off, round and on.
    """
    come_from = "after" if to == "before" else "before"
    ends = {row.proposal_id: row for row in (rows if to == "after" else reversed(rows))}
    starts = {row.proposal_id: row for row in (reversed(rows) if to == "after" else rows)}
    placements = {pk: _where(draft, starts[pk], getattr(starts[pk], come_from)) for pk in starts}
    together = tuple(place for place in placements.values() if place is not None)
    targets = {pk: _spot(draft.event, getattr(row, to)) for pk, row in ends.items()}
    for pk, target in targets.items():
        if target is None and (placement := placements[pk]) is not None:
            take_off(placement, doing=doing, kind=kind)
    for pk, target in targets.items():
        placement = placements[pk]
        if target is not None and placement is not None:
            refuse_if_taken(draft, target, besides=together)
            put(placement, target, doing=doing, kind=kind)
    for pk, target in targets.items():
        if target is not None and placements[pk] is None:
            put_up(draft, ends[pk].proposal, target, doing=doing, kind=kind)


def _where(draft: Schedule, row: Move, expected: dict | None) -> Placement | None:
    """Where the session is, if that is where the step left it. Raises :class:`Overtaken`."""
    placement = (
        draft.placements.filter(proposal=row.proposal_id)
        .select_related("room", "moved_by__profile")
        .first()
    )
    if (spot(placement) if placement else None) != expected:
        raise Overtaken(what_happened(row.proposal, placement))
    return placement


def _spot(event: Event, kept: dict | None) -> Spot | None:
    if kept is None:
        return None
    room = Room.objects.filter(event=event, pk=kept["room"]).first()
    if room is None:
        raise NoSlot
    return Spot(room, during_of(kept), kept["pinned"])
