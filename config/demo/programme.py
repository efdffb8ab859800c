"""Events with their rooms, slots, pitches, interests and published programmes."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from config.demo.people import Crowd
from config.lib.text import slugify
from sessions.models import (
    Event,
    Host,
    Interest,
    LogEntry,
    Membership,
    OrganiserNote,
    Pitch,
    Placement,
    Proposal,
    Room,
    Schedule,
    Slot,
)
from speakers.models import User

Described = dict[str, Any]
Placed = tuple[Proposal, Room, dt.datetime]
DECIDED_DAYS_BEFORE = 12
SHARE_OF_MEMBERS = 0.6  # of those interested; the others have no account


def load(
    described: Described, pitches: dict[str, Described], *, crowd: Crowd, now: dt.datetime
) -> Event:
    event = _event(described, now=now)
    for user, role in (
        (crowd.organiser, Membership.Role.ORGANISER),
        (crowd.moderator, Membership.Role.MODERATOR),
    ):
        Membership.objects.create(event=event, user=user, role=role)
    rooms = _rooms(event, described)
    _slots(event, described)
    placed = []
    for key, pitch in pitches.items():
        for proposal, part in _pitch(event, key, pitch, crowd=crowd):
            _interests(proposal, part.get("interested", 0), crowd=crowd, now=now)
            if "place" in part:
                placed.append((proposal, rooms[part["place"][1]], _start(event, part)))
    if placed:
        _programme(event, placed, by=crowd.organiser)
    return event


def at(event: Event, day: dt.date, time: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(time), tzinfo=event.zone)


def published_at(event: Event, pitch: Described, key: str) -> dt.datetime:
    """Some hour of the day the file names, the same at every load."""
    chance = random.Random(key)
    time = f"{chance.randint(7, 21):02}:{chance.randint(0, 59):02}"
    return at(event, event.starts_on - dt.timedelta(days=pitch["days_before"]), time)


def _event(described: Described, *, now: dt.datetime) -> Event:
    event = Event(
        **{
            field: described[field]
            for field in ("slug", "name", "hashtag", "place", "language", "time_zone", "state")
        },
        about=described["about"].strip(),
        live=described.get("live", False),
        asks_confirmation=described.get("asks_confirmation", False),
    )
    event.starts_on = described.get("starts_on") or event.today(now) + dt.timedelta(
        days=described["starts_in_days"]
    )
    event.ends_on = event.starts_on + dt.timedelta(days=described["days"] - 1)
    opens, closes = (dt.timedelta(days=days) for days in described["pitching_days"])
    event.pitching_opens_at = at(event, event.starts_on - opens, "09:00")
    event.pitching_closes_at = at(event, event.starts_on - closes, "23:59")
    event.save()
    return event


def _rooms(event: Event, described: Described) -> dict[str, Room]:
    rooms = [
        Room(event=event, name=name, slug=slugify(name), capacity=capacity, position=position)
        for position, (name, capacity) in enumerate(described["rooms"])
    ]
    return {room.name: room for room in Room.objects.bulk_create(rooms)}


def _slots(event: Event, described: Described) -> None:
    days = [event.starts_on + dt.timedelta(days=number) for number in range(described["days"])]
    Slot.objects.bulk_create(
        Slot(
            event=event,
            starts_at=at(event, day, start),
            ends_at=at(event, day, end),
            kind=rest[0] if rest else Slot.Kind.SESSIONS,
            title=rest[1] if rest else "",
        )
        for day in days
        for start, end, *rest in described["slots"]
    )


def _pitch(
    event: Event, key: str, described: Described, *, crowd: Crowd
) -> Iterator[tuple[Proposal, Described]]:
    published = published_at(event, described, key)
    withdrawn = all(part.get("state") == "withdrawn" for part in described["proposal"])
    pitch = Pitch.objects.create(
        event=event,
        title=described["title"],
        body=described["body"].strip(),
        language=described["language"],
        owner=crowd.by_key[described["host"]],
        state=Pitch.State.WITHDRAWN if withdrawn else Pitch.State.PUBLIC,
        published_at=published,
        created_at=published - dt.timedelta(minutes=40),
        updated_at=published,
    )
    pitch.tags.add(*described["tags"])
    Host.objects.bulk_create(
        Host(pitch=pitch, person=crowd.by_key[host], position=position)
        for position, host in enumerate([described["host"], *described.get("cohosts", [])])
    )
    LogEntry.objects.create(
        event=event, actor=pitch.owner, action=LogEntry.Action.PUBLISHED, pitch=pitch, at=published
    )
    if note := described.get("note"):
        OrganiserNote.objects.create(pitch=pitch, author=crowd.organiser, text=note)
    for position, part in enumerate(described["proposal"]):
        yield _proposal(pitch, position, part, crowd=crowd), part


def _proposal(pitch: Pitch, position: int, part: Described, *, crowd: Crowd) -> Proposal:
    fields = ("title", "format", "minutes", "ripeness", "needs", "state")
    proposal = Proposal.objects.create(
        pitch=pitch,
        position=position,
        abstract=part.get("abstract", "").strip(),
        created_at=pitch.created_at,
        **{field: part[field] for field in fields if field in part},
    )
    if proposal.state not in (Proposal.State.OPEN, Proposal.State.WITHDRAWN):
        decided = at(
            pitch.event, pitch.event.starts_on - dt.timedelta(days=DECIDED_DAYS_BEFORE), "20:15"
        )
        LogEntry.objects.create(
            event=pitch.event,
            actor=crowd.organiser,
            action=LogEntry.Action.DECIDED,
            pitch=pitch,
            proposal=proposal,
            details={"from": "open", "to": proposal.state},
            at=max(decided, hung_at(pitch)),
        )
    return proposal


def _interests(proposal: Proposal, number: int, *, crowd: Crowd, now: dt.datetime) -> None:
    """``number`` people, members first drawn; each some time after the pitch went up."""
    pitch = proposal.pitch
    chance = random.Random(f"{pitch.title}{proposal.position}")
    hosts = {host.person_id for host in pitch.hosts.all()}
    members = [user for user in crowd.members if user.pk not in hosts]
    chosen = chance.sample(members, min(len(members), round(number * SHARE_OF_MEMBERS)))
    visitors = chance.sample(crowd.visitors, min(len(crowd.visitors), number - len(chosen)))
    hung, last = hung_at(pitch), min(now, at(pitch.event, pitch.event.starts_on, "09:00"))
    seconds = max((last - hung).total_seconds(), 60)
    people: list[dict[str, Any]] = [{"user": user} for user in chosen]
    people += [{"visitor": visitor} for visitor in visitors]
    Interest.objects.bulk_create(
        Interest(
            proposal=proposal,
            # squared: most people come soon after it went up
            created_at=hung + dt.timedelta(seconds=seconds * chance.random() ** 2),
            **who,
        )
        for who in people
    )


def hung_at(pitch: Pitch) -> dt.datetime:
    return pitch.published_at or pitch.created_at


def _start(event: Event, part: Described) -> dt.datetime:
    day, _space, time = part["place"][0].rpartition(" ")
    return at(event, dt.date.fromisoformat(day) if day else event.starts_on, time)


def _programme(event: Event, placed: list[Placed], *, by: User) -> None:
    """The draft, and two published versions: in the second, two sessions changed rooms."""
    moved = _swap(placed)
    texts = {
        "de": ("Das erste Programm. Es bleibt beweglich.", "Zwei Räume getauscht."),
        "en": ("The first programme. It will move.", "Two rooms swapped."),
    }[event.language]
    morning = at(event, event.starts_on, "08:10")
    versions = [
        (1, moved, texts[0], morning - dt.timedelta(days=6)),
        (2, placed, texts[1], morning),
        (None, placed, "", None),
    ]
    for version, places, changelog, published in versions:
        schedule = Schedule.objects.create(
            event=event,
            version=version,
            changelog=changelog,
            published_at=published,
            published_by=by if version else None,
        )
        before = {proposal.pk: room.pk for proposal, room, _start in moved}
        Placement.objects.bulk_create(
            Placement(
                schedule=schedule,
                proposal=proposal,
                room=room,
                during=DateTimeTZRange(start, start + dt.timedelta(minutes=proposal.minutes), "[)"),
                sequence=2 if version != 1 and before[proposal.pk] != room.pk else 1,
                moved_by=by,
                moved_at=published or morning,
            )
            for proposal, room, start in places
        )


def _swap(placed: list[Placed]) -> list[Placed]:
    """The same places, with two sessions of one hour in each other's room."""
    for index, (proposal, room, start) in enumerate(placed):
        for other, (twin, its_room, its_start) in enumerate(placed[:index]):
            if start == its_start and proposal.minutes == twin.minutes:
                swapped = list(placed)
                swapped[index] = (proposal, its_room, start)
                swapped[other] = (twin, room, its_start)
                return swapped
    return placed
