"""A published programme as plain, frozen values: what its page and its calendar are made of."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.lib.text import excerpt
from sessions.models import Event, Pitch, Placement, Proposal, Schedule
from sessions.scheduling import changes, moved
from sessions.scheduling.changes import Added, Changes, Moved, Removed, Spot
from sessions.scheduling.grid import Room, Span

ABOUT_MAX_LENGTH = 300
# Long columns that no heading, host or place needs.
TEXTS = (
    "proposal__search",
    "proposal__abstract",
    "proposal__pitch__search",
    "proposal__pitch__body",
)


class NotPublished(Exception):
    """There is no version yet."""


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    published_at: dt.datetime
    changelog: str = ""  # only what organisers wrote: a version's difference says the rest


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in its room and time.

    ``path`` leads to it on its pitch's page and is empty when that page is gone. ``sequence`` is
    iCalendar's and already counts a cancellation. ``about``, ``tags`` and ``move``, how it came
    there since the event began, are for calendars only.
    """

    proposal_id: int
    code: str
    title: str
    room: Room
    span: Span
    format: str = Proposal.Format.IMPULS.value
    hosts: tuple[str, ...] = ()
    path: str = ""
    language: str = ""
    takes_place: bool = True
    sequence: int = 0
    about: str = ""
    tags: tuple[str, ...] = field(default=(), compare=False)
    move: Moved | None = field(default=None, compare=False)

    @property
    def anchor(self) -> str:
        return f"session-{self.code}"

    @property
    def format_label(self) -> str:
        return str(Proposal.Format(self.format).label)


@dataclass(frozen=True, slots=True)
class News:
    """What a version did to one session; ``path`` as in :class:`Entry`."""

    title: str
    path: str
    change: Added | Moved | Removed

    @property
    def is_nearby(self) -> bool:
        """Moved within its room, so little that the old time and the new one overlap."""
        change = self.change
        return (
            isinstance(change, Moved)
            and change.before.room_id == change.after.room_id
            and change.before.starts_at < change.after.ends_at
            and change.after.starts_at < change.before.ends_at
        )


@dataclass(frozen=True, slots=True)
class Programme:
    """``entries`` by time and room; ``news`` against the version before, empty for the first.

    ``gone`` tells of every place that a session has left since the event began, what is there now
    (:class:`Moved`) or that it takes place no more (:class:`Removed`), by the place it left.
    """

    version: Version
    entries: tuple[Entry, ...]
    news: tuple[News, ...] = ()
    gone: tuple[News, ...] = ()

    def gone_from(self, room_id: int, span: Span) -> tuple[News, ...]:
        """What left a room that began there within ``span``: for doors and old cells."""
        return gone_from(self.gone, room_id=room_id, span=span)


def gone_from(gone: Iterable[News], *, room_id: int, span: Span) -> tuple[News, ...]:
    """See :meth:`Programme.gone_from`. Pure.

    Whoever finds the session there all the same (it was delayed a little) needs no telling.
    """
    return tuple(
        one
        for one in gone
        if not isinstance(one.change, Added)
        and one.change.before.room_id == room_id
        and span.contains(one.change.before.starts_at)
        and not one.is_nearby
    )


def load(event: Event) -> Programme:
    """The newest version; 3 queries, however large it is. Raises :class:`NotPublished`."""
    versions = list(event.schedules.published()[:2])
    if not versions:
        raise NotPublished
    shown = Q(schedule__in=versions) | Q(pk__in=moved.left(event).values("pk"))
    places = Placement.objects.filter(shown).with_session().defer(*TEXTS)
    of_version = _by_version(places.annotate(seen=moved.seen(event)).chronological())
    newest = of_version.get(versions[0].pk, [])
    return Programme(
        version=_version(versions[0]),
        entries=tuple(_entry(place) for place in newest),
        news=_news(of_version.get(versions[1].pk, []), newest) if versions[1:] else (),
        gone=_gone(chain.from_iterable(of_version.values()), newest),
    )


def history(event: Event) -> list[tuple[Version, tuple[News, ...]]]:
    """All versions, the newest first, and what each changed; 2 queries.

    Raises :class:`NotPublished`.
    """
    versions = list(event.schedules.published())
    if not versions:
        raise NotPublished
    places = Placement.objects.published_for(event).select_related("room", "proposal__pitch__event")
    of_version = _by_version(places.defer(*TEXTS))
    told = []
    for version, before in zip(versions, [*versions[1:], None], strict=True):
        after = of_version.get(version.pk, [])
        news = _news(of_version.get(before.pk, []), after) if before else ()
        told.append((_version(version), news))
    return told


def calendar(event: Event, *, code: str = "") -> Programme:
    """What a calendar needs: every session that was ever published, or one; 4 queries.

    What is not in the newest version any more stays as cancelled, so that a subscribed calendar
    drops it. Raises :class:`NotPublished`, also for a session that never had a place.
    """
    newest = event.schedules.published().first()
    if newest is None:
        raise NotPublished
    places = Placement.objects.last_published(event)
    if code:
        places = places.filter(proposal__code=code)
    with_tags = (
        places.with_turns()
        .with_session()
        .annotate(seen=moved.seen(event))
        .prefetch_related(
            "proposal__pitch__tags"  # type: ignore[misc]  # taggit is untyped
        )
    )
    entries = [
        _entry(place, in_full=True, removed=place.schedule_id != newest.pk) for place in with_tags
    ]
    if not entries:
        raise NotPublished
    entries.sort(key=lambda entry: (entry.span.starts_at, entry.room.name, entry.proposal_id))
    return Programme(version=_version(newest), entries=tuple(entries))


def _version(schedule: Schedule) -> Version:
    if schedule.version is None or schedule.published_at is None:
        raise NotPublished
    changelog = "" if schedule.is_automatic else schedule.changelog
    return Version(schedule.version, schedule.published_at, changelog)


def _by_version(places: QuerySet[Placement]) -> dict[int, list[Placement]]:
    versions: dict[int, list[Placement]] = {}
    for place in places:
        versions.setdefault(place.schedule_id, []).append(place)
    return versions


def _news(before: Iterable[Placement], after: Iterable[Placement]) -> tuple[News, ...]:
    pitches = {place.proposal_id: place.proposal for place in (*before, *after)}
    difference = changes.difference(changes.spots(before), changes.spots(after))
    return tuple(
        News(title(pitches[change.proposal_id]), _path(pitches[change.proposal_id]), change)
        for change in difference
    )


def told(difference: Changes) -> tuple[News, ...]:
    """A difference as it is told in public; one query."""
    ids = [change.proposal_id for change in difference]
    proposals = Proposal.objects.with_pitch().in_bulk(ids)
    return tuple(
        News(title(proposals[pk]), _path(proposals[pk]), change)
        for pk, change in zip(ids, difference, strict=True)
    )


def _gone(places: Iterable[Placement], newest: Iterable[Placement]) -> tuple[News, ...]:
    """``places`` of every session that was seen on the day, each with ``seen``."""
    now = changes.spots(newest)
    found = {
        (place.proposal_id, left): place.proposal
        for place in places
        for left in moved.spots(place.seen)  # type: ignore[attr-defined]  # annotated
        if place.proposal_id not in now or not left.is_at(now[place.proposal_id])
    }
    told = [
        News(
            title(proposal),
            _path(proposal),
            Moved(pk, left, now[pk]) if pk in now else Removed(pk, left),
        )
        for (pk, left), proposal in sorted(found.items(), key=lambda item: _when(*item))
    ]
    return tuple(told)


def _when(gone: tuple[int, Spot], proposal: Proposal) -> tuple[dt.datetime, str]:
    """In the order in which they would have taken place."""
    return gone[1].starts_at, title(proposal)


def _entry(place: Placement, *, in_full: bool = False, removed: bool = False) -> Entry:
    """Reads the long texts and the tags only ``in_full``; asks nothing.

    ``sequence`` is a calendar's only then: it rises with all that happened since the version, by
    two each, so that a cancellation lies between, and never falls.
    """
    turns = place.turns if in_full else 0
    kept = place.seen if in_full else ()  # type: ignore[attr-defined]  # annotated
    proposal, pitch = place.proposal, place.proposal.pitch
    takes_place = (
        not removed and pitch.state == Pitch.State.PUBLIC and proposal.state in Proposal.SCHEDULABLE
    )
    is_public = is_shown(pitch)
    return Entry(
        proposal_id=proposal.pk,
        code=proposal.code,
        title=title(proposal),
        room=Room(place.room_id, place.room.name, place.room.capacity),
        span=Span(place.during.lower.astimezone(dt.UTC), place.during.upper.astimezone(dt.UTC)),
        format=proposal.format,
        hosts=tuple(host.person.profile.name for host in pitch.hosts.all()) if is_public else (),
        path=_path(proposal),
        language=pitch.language,
        takes_place=takes_place,
        sequence=place.sequence + 2 * turns + (0 if takes_place else 1),
        about=_about(proposal) if in_full and is_public else "",
        tags=_tags(pitch) if in_full and is_public else (),
        move=moved.latest(proposal.pk, kept) if takes_place else None,
    )


def is_shown(pitch: Pitch) -> bool:
    """Whether the public may read its words: the hosts' own withdrawal hides none."""
    return pitch.state in (Pitch.State.PUBLIC, Pitch.State.WITHDRAWN, Pitch.State.MERGED)


def title(proposal: Proposal) -> str:
    """What the public calls a session; its own words only while they may be read."""
    return proposal.heading if is_shown(proposal.pitch) else _("A session")


def _path(proposal: Proposal) -> str:
    return proposal.get_absolute_url() if proposal.pitch.state == Pitch.State.PUBLIC else ""


def _about(proposal: Proposal) -> str:
    return excerpt(proposal.abstract or proposal.pitch.body, ABOUT_MAX_LENGTH)


def _tags(pitch: Pitch) -> tuple[str, ...]:
    return tuple(sorted(tag.name for tag in pitch.tags.all()))
