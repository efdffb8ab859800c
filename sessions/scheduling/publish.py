"""From the draft to a frozen, numbered version that the public sees."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from config.lib.text import clean
from sessions import tasks
from sessions.models import Event, LogEntry, Placement, Schedule
from sessions.scheduling import changes, grid
from sessions.scheduling.changes import Changes
from sessions.scheduling.conflicts import Conflict, conflicts, hard
from sessions.scheduling.moves import lock_draft
from speakers.models import User


class Impossible(Exception):
    """The draft has hard ``conflicts``: it cannot take place like this."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        self.conflicts = found
        super().__init__(found)

    def __str__(self) -> str:
        return _("This programme cannot take place. Solve what is listed as impossible first.")


class Unchanged(Exception):
    """The draft says what the last version says."""

    def __str__(self) -> str:
        return _("Nothing has changed since the last version.")


@transaction.atomic
def publish(event: Event, *, by: User, changelog: str, now: dt.datetime) -> Schedule:
    """Freeze the draft as the next version and let the hosts concerned be told.

    Holds the draft's lock, so that two cannot publish at once and nothing moves meanwhile.
    Raises :class:`Impossible` and :class:`Unchanged`.
    """
    draft = lock_draft(event)
    if found := hard(conflicts(grid.load(event))):
        raise Impossible(found)
    last = event.schedules.published().first()
    placements = list(draft.placements.select_related("room").chronological())
    difference = changes.difference(changes.spots_in(last), changes.spots(placements))
    if not difference:
        raise Unchanged
    version = event.schedules.create(
        version=(last.version or 0) + 1 if last else 1,
        changelog=clean(changelog).strip(),
        published_at=now,
        published_by=by,
    )
    sequences = _sequences(event, difference)
    Placement.objects.bulk_create(
        _frozen(placement, version, sequences.get(placement.proposal_id, 0))
        for placement in placements
    )
    LogEntry.objects.create(
        event=event,
        actor=by,
        action=LogEntry.Action.PROGRAMME_PUBLISHED,
        details={"version": version.version},
        at=now,
    )
    tasks.tell_hosts_of_programme.enqueue(version.pk)
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
    """iCalendar's SEQUENCE for the next version, by proposal: in how many versions it changed.

    A session that comes back counts its removal, too: its calendar entry was cancelled with a
    number of its own (:rfc:`5545`, 3.8.7.4).
    """
    known = Placement.objects.last_sequences(event)
    moved = {change.proposal_id for change in difference.moved}
    added = {change.proposal_id for change in difference.added}
    steps = {pk: 1 if pk in moved else 2 if pk in added else 0 for pk in known}
    return {pk: known[pk] + steps[pk] for pk in known}
