"""Live mode: every move on the board is public at once, as a version of its own.

It begins with a published programme. What a move makes impossible is refused with the reason;
what was impossible before (a session that was cancelled and still has its place) holds nobody up.
"""

import datetime as dt
import html
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from sessions import programmes, tasks
from sessions.models import Event, Move, Schedule
from sessions.scheduling import grid, publish
from sessions.scheduling.changes import Changes
from sessions.scheduling.conflicts import Conflict, conflicts, hard
from sessions.scheduling.drafts import lock_draft
from sessions.scheduling.refusals import Refused

# Moves follow each other on the day: people are told of what came out of them, once.
TOLD_AFTER = dt.timedelta(minutes=5)
CHANGELOG_MAX_LENGTH = 2_000


class WouldClash(Refused):
    """The move would make something impossible, and it would be public at once."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        self.conflicts = found
        super().__init__(found)

    def __str__(self) -> str:
        said = render_to_string(
            "admin/program/event/_conflict.html", {"conflict": self.conflicts[0]}
        )
        reason = " ".join(html.unescape(strip_tags(said)).split())
        return _("The programme is live, and this cannot take place: %(reason)s") % {
            "reason": reason
        }


class NoProgramme(Exception):
    """Nothing is published that could be followed live."""

    def __str__(self) -> str:
        return _("Publish the programme first. Then everyone can follow it live.")


class NotPublished(Exception):
    """The board holds changes that nobody has published."""

    def __str__(self) -> str:
        return _("The board has changes that are not public. Publish or undo them first.")


@transaction.atomic
def start(event: Event) -> None:
    """From now on the board is the programme. Raises :class:`NoProgramme`, :class:`NotPublished`:
    the first move would otherwise publish what nobody has looked at.
    """
    lock_draft(event)
    upcoming = publish.pending(event)
    if upcoming.last is None:
        raise NoProgramme
    if upcoming.difference:
        raise NotPublished
    _set(event, live=True)


@transaction.atomic
def stop(event: Event) -> None:
    """The board is a draft again."""
    lock_draft(event)
    _set(event, live=False)


def _set(event: Event, *, live: bool) -> None:
    event.live = live
    event.save(update_fields=["live"])


@contextmanager
def following(draft: Schedule, *, knowingly: bool = False, changelog: str = "") -> Iterator[None]:
    """Publish in the same transaction what is moved inside; the caller holds the draft's lock.

    ``knowingly`` takes what becomes impossible as seen. Raises :class:`WouldClash`.
    """
    event = draft.event
    if not event.live or not event.schedules.published().exists():
        yield
        return
    before = {identity(conflict) for conflict in hard(conflicts(grid.load(event)))}
    yield
    after = hard(conflicts(grid.load(event)))
    new = tuple(conflict for conflict in after if identity(conflict) not in before)
    if new and not knowingly:
        raise WouldClash(new)
    _follow(event, changelog)


def identity(conflict: Conflict) -> tuple[str, tuple[int, ...]]:
    """Tells what was wrong before from what is new, wherever it is now."""
    return conflict.kind, tuple(place.session.id for place in conflict.places)


def _follow(event: Event, changelog: str) -> None:
    last = Move.objects.filter(event=event).select_related("by").order_by("-pk").first()
    upcoming = publish.pending(event)
    if last is None or not upcoming.difference:
        return
    version = publish.freeze(
        event,
        upcoming,
        by=last.by,
        changelog=changelog or in_words(event, upcoming.difference),
        now=last.at,
        is_automatic=not changelog,
    )
    tasks.tell_of_programme.using(run_after=timezone.now() + TOLD_AFTER).enqueue(version.pk)


def in_words(event: Event, difference: Changes) -> str:
    """A line for every session that changed, in the language and the zone of the event."""
    with translation.override(event.language), timezone.override(event.zone):
        news = programmes.told(difference)
        text = render_to_string("sessions/changelog.txt", {"news": news}).strip()
        if len(text) > CHANGELOG_MAX_LENGTH:
            text = text[: CHANGELOG_MAX_LENGTH - 1].rpartition("\n")[0] + "\n…"
    return text
