"""The whole rest of a day later (or earlier again) in one step: its slots and what is in them.

What is pinned moves along: it is the day that moves. One :class:`Delay` and the moves of its step
belong together; :mod:`undo` takes back both.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.utils import timezone, translation
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.models import Delay, Event, Move, Placement, Schedule
from sessions.scheduling import live
from sessions.scheduling.conflicts import Conflict, conflicts
from sessions.scheduling.grid import Grid, Slot, Span
from sessions.scheduling.moves import Doing, Spot, moving, put, refuse_if_taken
from sessions.scheduling.refusals import Refused
from speakers.models import User


class NothingLater(Refused):
    """The day is over by then."""

    def __str__(self) -> str:
        return _("Nothing of this day begins then or later.")


class InTheWay(Refused):
    """A slot that stays where it is takes some of the new time."""

    def __str__(self) -> str:
        return _("Another slot is in the way: what stays must not overlap what moves.")


@dataclass(frozen=True)
class Outlook:
    """What a delay would do, to be looked at before: ``slots`` with their new times."""

    slots: tuple[tuple[Slot, Slot], ...]
    sessions: int
    ends_at: tuple[dt.datetime, dt.datetime] | None
    conflicts: tuple[Conflict, ...]  # those that it makes
    is_blocked: bool  # by a slot that stays

    @property
    def plenaries(self) -> tuple[tuple[Slot, Slot], ...]:
        return tuple(pair for pair in self.slots if pair[0].kind == "plenary")


def outlook(event: Event, board: Grid, *, since: dt.datetime, minutes: int) -> Outlook:
    """Pure; ``board`` is the draft as it is."""
    day = _rest_of_day(event, since)
    delta = dt.timedelta(minutes=minutes)
    after = replace(
        board,
        slots=tuple(
            replace(slot, span=_later(slot.span, delta)) if _in(slot.span, day) else slot
            for slot in board.slots
        ),
        placed=tuple(
            replace(place, span=_later(place.span, delta)) if _in(place.span, day) else place
            for place in board.placed
        ),
    )
    pairs = tuple(
        pair for pair in zip(board.slots, after.slots, strict=True) if _in(pair[0].span, day)
    )
    stay = [slot for slot in board.slots if not _in(slot.span, day)]
    ends = [span.ends_at for span in _spans(board) if _in(span, day)]
    known = {live.identity(conflict) for conflict in conflicts(board)}
    return Outlook(
        slots=pairs,
        sessions=sum(_in(place.span, day) for place in board.placed),
        ends_at=(max(ends), max(ends) + delta) if ends else None,
        conflicts=tuple(one for one in conflicts(after) if live.identity(one) not in known),
        is_blocked=any(slot.span.overlaps(new.span) for slot in stay for _old, new in pairs),
    )


def shift(event: Event, *, since: dt.datetime, minutes: int, by: User, now: dt.datetime) -> Delay:
    """Let everything that begins at ``since`` or later that day begin ``minutes`` later.

    What it makes impossible was shown before (:func:`outlook`) and does not hold it up; in live
    mode it is public at once. Raises :class:`NothingLater`, :class:`InTheWay`,
    :class:`moves.RoomTaken`.
    """
    step = Doing(by, now)
    delta = dt.timedelta(minutes=minutes)
    try:
        with moving(event, knowingly=True, changelog=_in_words(event, since, minutes)) as draft:
            day = _rest_of_day(event, since)
            begun = {"gte": day.starts_at, "lt": day.ends_at}
            slots = event.slots.filter(**{f"starts_at__{key}": at for key, at in begun.items()})
            rows = draft.placements.filter(
                **{f"during__startswith__{key}": at for key, at in begun.items()}
            )
            delayed = tuple(rows.select_related("room", "proposal__pitch").chronological())
            ids = list(slots.values_list("pk", flat=True))
            if not ids and not delayed:
                raise NothingLater
            _shift_slots(event, ids, delta)
            _shift_sessions(draft, delayed, delta, step)
            return event.delays.create(
                step=step.step, since=since, minutes=minutes, slots=ids, by=by, at=now
            )
    except IntegrityError as error:
        raise InTheWay from error


def turn(event: Event, step: uuid.UUID, *, back: bool) -> None:
    """Take the slots of a step back, or along again; nothing if the step was no delay.

    The caller holds the draft's lock. Raises :class:`InTheWay`.
    """
    delay = event.delays.filter(step=step).first()
    if delay is not None:
        delta = dt.timedelta(minutes=delay.minutes)
        _shift_slots(event, delay.slots, -delta if back else delta)


def _shift_sessions(
    draft: Schedule, delayed: tuple[Placement, ...], delta: dt.timedelta, step: Doing
) -> None:
    for placement in delayed:
        start, end = placement.during.lower + delta, placement.during.upper + delta
        to = Spot(placement.room, DateTimeTZRange(start, end, "[)"), placement.pinned)
        refuse_if_taken(draft, to, besides=delayed)
        put(placement, to, doing=step, kind=Move.Kind.DELAYED)


def _shift_slots(event: Event, ids: list[int], delta: dt.timedelta) -> None:
    """In one statement: they may not overlap at its end."""
    moving_along = event.slots.filter(pk__in=ids)
    stay = event.slots.exclude(pk__in=ids)
    for start, end in moving_along.values_list("starts_at", "ends_at"):
        if stay.filter(starts_at__lt=end + delta, ends_at__gt=start + delta).exists():
            raise InTheWay
    moving_along.update(starts_at=F("starts_at") + delta, ends_at=F("ends_at") + delta)


def _rest_of_day(event: Event, since: dt.datetime) -> Span:
    """Until midnight at the place of the event."""
    tomorrow = since.astimezone(event.zone).date() + dt.timedelta(days=1)
    return Span(since, dt.datetime.combine(tomorrow, dt.time.min, event.zone))


def _in(span: Span, day: Span) -> bool:
    return day.contains(span.starts_at)


def _later(span: Span, delta: dt.timedelta) -> Span:
    return Span(span.starts_at + delta, span.ends_at + delta)


def _spans(board: Grid) -> list[Span]:
    return [*(slot.span for slot in board.slots), *(place.span for place in board.placed)]


def _in_words(event: Event, since: dt.datetime, minutes: int) -> str:
    with translation.override(event.language), timezone.override(event.zone):
        told = {"time": time_format(timezone.localtime(since), "H:i"), "n": abs(minutes)}
        if minutes < 0:
            said = ngettext(
                "From %(time)s on everything begins %(n)d minute earlier.",
                "From %(time)s on everything begins %(n)d minutes earlier.",
                abs(minutes),
            )
        else:
            said = ngettext(
                "From %(time)s on everything begins %(n)d minute later.",
                "From %(time)s on everything begins %(n)d minutes later.",
                minutes,
            )
        return said % told
