"""From the draft to a frozen, numbered version that the public sees."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.text import clean
from sessions import tasks
from sessions.models import Event, LogEntry, Placement, Schedule
from sessions.scheduling import changes, grid
from sessions.scheduling.changes import Changes
from sessions.scheduling.conflicts import Conflict, conflicts, hard, soft
from sessions.scheduling.drafts import lock_draft
from speakers.models import User


class Impossible(Exception):
    """The draft has hard ``conflicts``: it cannot take place like this."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        self.conflicts = found
        super().__init__(found)

    def __str__(self) -> str:
        return _("This programme cannot take place. Solve what is listed as impossible first.")


class Regrettable(Exception):
    """The draft has soft ``conflicts`` that nobody said to know of."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        self.conflicts = found
        super().__init__(found)

    def __str__(self) -> str:
        return _("Say that you know of what is a pity, or change it first.")


class Unchanged(Exception):
    """The draft says what the last version says."""

    def __str__(self) -> str:
        return _("Nothing has changed since the last version.")


@dataclass(frozen=True)
class Pending:
    """What the next version would hold, and how it differs from the ``last`` one."""

    last: Schedule | None
    placements: list[Placement]
    difference: Changes

    @property
    def number(self) -> int:
        """Of the next version."""
        return (self.last.version or 0) + 1 if self.last else 1


def pending(event: Event) -> Pending:
    """3 queries; only under the draft's lock does it hold for longer than a moment."""
    last = event.schedules.published().first()
    drawn = Placement.objects.in_draft_of(event).select_related("room")
    placements = list(drawn.chronological())
    difference = changes.difference(changes.spots_in(last), changes.spots(placements))
    return Pending(last, placements, difference)


@transaction.atomic
def publish(
    event: Event, *, by: User, changelog: str, now: dt.datetime, knowingly: bool = False
) -> Schedule:
    """Freeze the draft as the next version and let those concerned be told.

    Holds the draft's lock, so that two cannot publish at once and nothing moves meanwhile.
    Raises :class:`Impossible`, :class:`Regrettable` unless ``knowingly``, and :class:`Unchanged`.
    """
    lock_draft(event)
    found = conflicts(grid.load(event))
    if impossible := hard(found):
        raise Impossible(impossible)
    upcoming = pending(event)
    if upcoming.difference and not knowingly and (a_pity := soft(found)):
        raise Regrettable(a_pity)
    version = freeze(event, upcoming, by=by, changelog=changelog, now=now)
    tasks.tell_of_programme.enqueue(version.pk)
    return version


def freeze(
    event: Event,
    upcoming: Pending,
    *,
    by: User | None,
    changelog: str,
    now: dt.datetime,
    is_automatic: bool = False,
) -> Schedule:
    """Keep the draft as the next version, whatever its conflicts; the caller holds its lock and
    lets people be told. Raises :class:`Unchanged`.
    """
    if not upcoming.difference:
        raise Unchanged
    version = event.schedules.create(
        version=upcoming.number,
        changelog=clean(changelog).strip(),
        is_automatic=is_automatic,
        published_at=now,
        published_by=by,
    )
    sequences = _sequences(event, upcoming.difference)
    Placement.objects.bulk_create(
        _frozen(placement, version, sequences.get(placement.proposal_id, 0))
        for placement in upcoming.placements
    )
    LogEntry.objects.create(
        event=event,
        actor=by,
        action=LogEntry.Action.PROGRAMME_PUBLISHED,
        details={"version": version.version},
        at=now,
    )
    return version


def _frozen(placement: Placement, version: Schedule, sequence: int) -> Placement:
    return Placement(
        schedule=version,
        proposal_id=placement.proposal_id,
        room_id=placement.room_id,
        during=placement.during,
        pinned=placement.pinned,
        sequence=sequence,
        moved_by_id=placement.moved_by_id,
        moved_at=placement.moved_at,
    )


def _sequences(event: Event, difference: Changes) -> Mapping[int, int]:
    """iCalendar's SEQUENCE for the next version, by proposal (:rfc:`5545`, 3.8.7.4).

    One more for a move, and more than its removal had for what comes back. Calendars have also
    counted what was decided since a version (``PlacementQuerySet.with_turns``): that stays
    counted.
    """
    moved = {change.proposal_id for change in difference.moved}
    added = {change.proposal_id for change in difference.added}
    last = Placement.objects.last_published(event).with_turns()
    return {
        place.proposal_id: place.sequence
        + 2 * place.turns
        + (1 if place.proposal_id in moved else 2 if place.proposal_id in added else 0)
        for place in last
    }
