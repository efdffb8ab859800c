"""What organisers do to a pitch as a whole: take it off the wall, hang it up again."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sessions.models import LogEntry, Pitch
from speakers.models import User


class NotAllowed(Exception):
    """This pitch cannot be hidden or shown in its state; ``str()`` is fit to be shown."""

    def __init__(self, pitch: Pitch) -> None:
        self.pitch = pitch
        message = _("“%(title)s” is %(state)s; only its hosts change that.")
        if pitch.state == Pitch.State.MERGED:
            message = _("“%(title)s” is part of another pitch. Undo that first.")
        super().__init__(message % {"title": pitch.title, "state": pitch.get_state_display()})


def hide(pitch: Pitch, *, by: User) -> Pitch:
    """Take a public pitch off the wall; everything that hangs on it is kept."""
    return _turn(pitch, LogEntry.Action.HIDDEN, by=by)


def show(pitch: Pitch, *, by: User) -> Pitch:
    """Hang a hidden pitch up again."""
    return _turn(pitch, LogEntry.Action.SHOWN, by=by)


def merge(pitch: Pitch, *, into: Pitch, now: dt.datetime) -> None:
    """Make a public pitch part of another; :mod:`sessions.merging` says when, and holds both."""
    _set(pitch, Pitch.State.MERGED, into=into, now=now)


def unmerge(pitch: Pitch, *, now: dt.datetime) -> None:
    """Hang it up by itself again."""
    _set(pitch, Pitch.State.PUBLIC, into=None, now=now)


def _set(pitch: Pitch, state: Pitch.State, *, into: Pitch | None, now: dt.datetime) -> None:
    pitch.state, pitch.merged_into, pitch.updated_at = state, into, now
    pitch.save(update_fields=["state", "merged_into", "updated_at"])


STATES = {
    LogEntry.Action.HIDDEN: (Pitch.State.PUBLIC, Pitch.State.HIDDEN),
    LogEntry.Action.SHOWN: (Pitch.State.HIDDEN, Pitch.State.PUBLIC),
}


@transaction.atomic
def _turn(pitch: Pitch, action: LogEntry.Action, *, by: User) -> Pitch:
    before, after = STATES[action]
    row = Pitch.objects.select_for_update().get(pk=pitch.pk)
    if row.state == after:
        return row
    if row.state != before:
        raise NotAllowed(row)
    row.state = after
    row.save(update_fields=["state"])
    LogEntry.objects.create(event_id=row.event_id, actor=by, action=action, pitch=row)
    return row
