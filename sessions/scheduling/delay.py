"""The whole rest of a day later (or earlier again) in one step: its slots and what is in them.

Or only until a break that makes up for it, because the soup is at one.

What is pinned moves along: it is the day that moves. One :class:`Delay` and the moves of its step
belong together; :mod:`undo` takes back both, and a delay to which no session belongs, too.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Case, F, When
from django.utils import timezone, translation
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.models import Delay, Event, Move, Placement, Schedule
from sessions.scheduling import live
from sessions.scheduling.conflicts import Conflict, conflicts
from sessions.scheduling.grid import Grid, Placed, Slot, Span
from sessions.scheduling.moves import Doing, Spot, moving, put, refuse_if_taken
from sessions.scheduling.refusals import Refused
from speakers.models import User

One = TypeVar("One", Slot, Placed)


class NothingLater(Refused):
    """The day is over by then."""

    def __str__(self) -> str:
        return _("Nothing of this day begins then or later.")


class InTheWay(Refused):
    """A slot that stays where it is takes some of the new time."""

    def __str__(self) -> str:
        return _("Another slot is in the way: what stays must not overlap what moves.")


@dataclass(frozen=True, slots=True)
class Lag:
    """What is asked for: all that begins at ``since`` or later that day is ``minutes`` later.

    ``makes_up`` is a break or a plenary that begins later, too, but ends as planned, and so does
    what comes after it.
    """

    since: dt.datetime
    minutes: int
    makes_up: Slot | None = None

    @property
    def delta(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)

    @property
    def is_too_long(self) -> bool:
        """Longer than what is to make up for it."""
        slot = self.makes_up
        return slot is not None and slot.span.starts_at + self.delta >= slot.span.ends_at

    def span(self, zone: dt.tzinfo) -> Span:
        """Until midnight at the place of the event, or until what makes up for it."""
        if self.makes_up is not None:
            return Span(self.since, self.makes_up.span.starts_at)
        tomorrow = self.since.astimezone(zone).date() + dt.timedelta(days=1)
        return Span(self.since, dt.datetime.combine(tomorrow, dt.time.min, zone))


@dataclass(frozen=True)
class Outlook:
    """What a delay would do, to be looked at before: ``slots`` with their new times."""

    slots: tuple[tuple[Slot, Slot], ...]
    sessions: int
    ends_at: tuple[dt.datetime, dt.datetime] | None  # None where the day ends as planned
    conflicts: tuple[Conflict, ...]  # those that it makes
    is_blocked: bool  # by a slot that stays

    @property
    def gatherings(self) -> tuple[tuple[Slot, Slot], ...]:
        """Breaks and plenaries, at which somebody else may be waiting: a cook, a speaker."""
        return tuple(pair for pair in self.slots if not pair[0].takes_sessions)


def outlook(event: Event, board: Grid, lag: Lag) -> Outlook:
    """Pure; ``board`` is the draft as it is."""
    late = lag.span(event.zone)

    def shifted(one: One) -> One:
        if late.contains(one.span.starts_at):
            span = Span(one.span.starts_at + lag.delta, one.span.ends_at + lag.delta)
        elif one == lag.makes_up:
            span = Span(one.span.starts_at + lag.delta, one.span.ends_at)
        else:
            return one
        return replace(one, span=span)

    after = replace(
        board,
        slots=tuple(shifted(slot) for slot in board.slots),
        placed=tuple(shifted(place) for place in board.placed),
    )
    both = tuple(zip(board.slots, after.slots, strict=True))
    pairs = tuple(pair for pair in both if pair[0] != pair[1])
    stay = [old for old, new in both if old == new]
    known = {live.identity(conflict) for conflict in conflicts(board)}
    return Outlook(
        slots=pairs,
        sessions=sum(late.contains(place.span.starts_at) for place in board.placed),
        ends_at=_ends(board, after, late) if lag.makes_up is None else None,
        conflicts=tuple(one for one in conflicts(after) if live.identity(one) not in known),
        is_blocked=any(slot.span.overlaps(new.span) for slot in stay for _old, new in pairs),
    )


def _ends(board: Grid, after: Grid, late: Span) -> tuple[dt.datetime, dt.datetime] | None:
    both = zip(_spans(board), _spans(after), strict=True)
    ends = [(old.ends_at, new.ends_at) for old, new in both if late.contains(old.starts_at)]
    return max(ends, default=None)


def _spans(board: Grid) -> list[Span]:
    return [*(slot.span for slot in board.slots), *(place.span for place in board.placed)]


def shift(event: Event, lag: Lag, *, by: User, now: dt.datetime) -> Delay:
    """Let it be so, for the slots and what is in them.

    What it makes impossible was shown before (:func:`outlook`) and does not hold it up; in live
    mode it is public at once. Raises :class:`NothingLater`, :class:`InTheWay`,
    :class:`moves.RoomTaken`.
    """
    step = Doing(by, now)
    try:
        with moving(event, knowingly=True, changelog=_in_words(event, lag)) as draft:
            late = lag.span(event.zone)
            begun = {"gte": late.starts_at, "lt": late.ends_at}
            slots = event.slots.filter(**{f"starts_at__{key}": at for key, at in begun.items()})
            rows = draft.placements.filter(
                **{f"during__startswith__{key}": at for key, at in begun.items()}
            )
            delayed = tuple(rows.select_related("room", "proposal__pitch").chronological())
            ids = list(slots.values_list("pk", flat=True))
            if not ids and not delayed:
                raise NothingLater
            delay = event.delays.create(
                step=step.step,
                since=lag.since,
                minutes=lag.minutes,
                slots=ids,
                shortened_id=lag.makes_up.id if lag.makes_up else None,
                by=by,
                at=now,
            )
            _shift_slots(delay, lag.delta)
            _shift_sessions(draft, delayed, lag.delta, step)
            return delay
    except IntegrityError as error:
        raise InTheWay from error


def turn(event: Event, step: uuid.UUID, *, back: bool) -> None:
    """Take the slots of a step back, or along again; nothing if the step was no delay.

    The caller holds the draft's lock. Raises :class:`InTheWay`.
    """
    delay = event.delays.filter(step=step).first()
    if delay is not None:
        delta = dt.timedelta(minutes=delay.minutes)
        _shift_slots(delay, -delta if back else delta)


def _shift_sessions(
    draft: Schedule, delayed: tuple[Placement, ...], delta: dt.timedelta, step: Doing
) -> None:
    for placement in delayed:
        start, end = placement.during.lower + delta, placement.during.upper + delta
        to = Spot(placement.room, DateTimeTZRange(start, end, "[)"), placement.pinned)
        refuse_if_taken(draft, to, besides=delayed)
        put(placement, to, doing=step, kind=Move.Kind.DELAYED)


def _shift_slots(delay: Delay, delta: dt.timedelta) -> None:
    """In one statement: they may not overlap at its end."""
    changed = delay.event.slots.filter(pk__in=[*delay.slots, delay.shortened_id])
    stay = delay.event.slots.exclude(pk__in=changed.values("pk"))
    ends_at = Case(When(pk=delay.shortened_id, then=F("ends_at")), default=F("ends_at") + delta)
    for start, end in changed.values_list(F("starts_at") + delta, ends_at):
        if start >= end or stay.filter(starts_at__lt=end, ends_at__gt=start).exists():
            raise InTheWay
    changed.update(starts_at=F("starts_at") + delta, ends_at=ends_at)


def _in_words(event: Event, lag: Lag) -> str:
    with translation.override(event.language), timezone.override(event.zone):
        told = {"time": _clock(lag.since), "n": abs(lag.minutes)}
        if lag.minutes < 0:
            said = ngettext(
                "From %(time)s on everything begins %(n)d minute earlier.",
                "From %(time)s on everything begins %(n)d minutes earlier.",
                abs(lag.minutes),
            )
        else:
            said = ngettext(
                "From %(time)s on everything begins %(n)d minute later.",
                "From %(time)s on everything begins %(n)d minutes later.",
                lag.minutes,
            )
        told_again = [said % told]
        if lag.makes_up is not None:
            again = _("From %(time)s on everything is as planned.")
            told_again.append(again % {"time": _clock(lag.makes_up.span.ends_at)})
        return " ".join(told_again)


def _clock(at: dt.datetime) -> str:
    return time_format(timezone.localtime(at), "H:i")
