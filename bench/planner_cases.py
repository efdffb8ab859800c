"""Cases for the planner: generated ones, and those of a file."""

import datetime as dt
import json
import math
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from sessions.scheduling.solver import (
    BadInstance,
    Instance,
    Person,
    Place,
    Plan,
    Room,
    Session,
    Slot,
)

CAPACITIES = (150, 80, 60, 40, 30, 25, 20, 20, 15, 15)
TASTES = 6
MOST = 1_000_000  # minutes or seats
SOME_DAY = "2015-11-09"
ID, NUMBER = (str, int), (int, float)
KINDS: dict[Any, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    ID: "a text or a whole number",
    NUMBER: "a number",
}


class BadFile(Exception):
    """Not a case that can be planned; says what is wrong with it."""


def generate(sessions: int, rooms: int, slots: int, people: int, *, seed: int = 0) -> Instance:
    """A case with clustered tastes and heavy-tailed popularity, always the same for a seed.

    A session's popularity falls with its rank (Zipf, exponent 0.8) and it belongs to one taste of
    six; a person has two tastes, by which they want a session six times as likely, and a number of
    wishes that is log-normal around seven. Three in ten are browsers and weigh half. Every fifth
    host leads two sessions, every tenth misses one slot.
    """
    rng = random.Random(seed)
    tastes = [rng.randrange(TASTES) for _ in range(sessions)]
    popularity = [1 / (rank + 1) ** 0.8 for rank in range(sessions)]
    rng.shuffle(popularity)
    first = dt.datetime(2015, 11, 9, 9, tzinfo=dt.UTC)
    hosts = [f"h{n - 1}" if n and rng.random() < 0.2 else f"h{n}" for n in range(sessions)]
    return Instance(
        sessions=tuple(Session(f"s{n}", 45, (hosts[n],)) for n in range(sessions)),
        rooms=tuple(Room(f"r{n}", CAPACITIES[n]) for n in range(rooms)),
        slots=tuple(Slot(f"t{n}", first + dt.timedelta(hours=n), 45) for n in range(slots)),
        people=tuple(_person(rng, f"p{n}", tastes, popularity) for n in range(people)),
        unavailable={
            host: frozenset({f"t{rng.randrange(slots)}"})
            for host in dict.fromkeys(hosts)
            if rng.random() < 0.1
        },
    )


def _person(rng: random.Random, name: str, tastes: list[int], popularity: list[float]) -> Person:
    mine = rng.sample(range(TASTES), 2)
    weights = [
        wanted * (6 if taste in mine else 1)
        for wanted, taste in zip(popularity, tastes, strict=True)
    ]
    number = min(len(weights), max(1, round(rng.lognormvariate(2, 0.5))))
    wants: set[int] = set()
    while len(wants) < number:
        wants.update(rng.choices(range(len(weights)), weights))
    weight = 0.5 if rng.random() < 0.3 else 1.0
    return Person(name, frozenset(f"s{n}" for n in wants), weight)


def read(path: Path) -> Instance:
    """A case from a file. Raises :class:`BadFile`.

    Ids may be texts or numbers and are compared as texts, since the keys of JSON objects are.
    Sessions, rooms and slots keep them as they are written there.
    """
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadFile(f"is not JSON in UTF-8: {error}") from error
    try:
        return _instance(_of(data, dict, "the file"))
    except KeyError as error:
        raise BadFile(f"lacks {error}") from error
    except BadInstance as error:
        raise BadFile(str(error)) from error


def remarks(instance: Instance, plan: Plan) -> Iterator[str]:
    """What the plan cannot keep, in sentences: pins against the rules, sessions without a place."""
    slots = {slot.id: slot for slot in instance.slots}
    pinned = [session for session in instance.sessions if session.id in instance.pinned]
    places = {session.id: instance.pinned[session.id] for session in pinned}
    times = {one.id: instance.time_of(one, slots[places[one.id].slot]) for one in pinned}
    for one in pinned:
        if any(places[one.id].slot in instance.unavailable.get(host, ()) for host in one.hosts):
            yield f"{one.id} is pinned where its host is unavailable"
    for one, other in combinations(pinned, 2):
        (start, end), (other_start, other_end) = times[one.id], times[other.id]
        if start < other_end and other_start < end:
            if places[one.id].room == places[other.id].room:
                yield f"{one.id} and {other.id} are pinned into one room at the same time"
            if set(one.hosts) & set(other.hosts):
                yield f"{one.id} and {other.id} have a host in common and are pinned at once"
    for left in plan.unplaced:
        yield f"{left.session} got no place: {left.reason.replace('_', ' ')}"


def _instance(data: dict[str, Any]) -> Instance:
    sessions = {str(row["id"]): row for row in _rows(data, "sessions")}
    rooms = {str(row["id"]): row for row in _rows(data, "rooms")}
    slots = {str(row["id"]): row for row in _rows(data, "slots")}
    return Instance(
        sessions=tuple(_session(row) for row in _rows(data, "sessions")),
        rooms=tuple(_room(row) for row in _rows(data, "rooms")),
        slots=tuple(
            Slot(row["id"], _moment(row["starts_at"]), _minutes(row))
            for row in _rows(data, "slots")
        ),
        people=tuple(
            Person(pk, frozenset(_id(sessions, wanted) for wanted in _names(wants, f"people {pk}")))
            for pk, wants in _table(data, "people")
        ),
        unavailable={
            pk: frozenset(_id(slots, slot) for slot in _names(away, f"unavailable {pk}"))
            for pk, away in _table(data, "unavailable")
        },
        pinned={
            _id(sessions, pk): _place(rooms, slots, _names(place, f"pinned {pk}"), f"pinned {pk}")
            for pk, place in _table(data, "pinned")
        },
    )


def _of(value: Any, kinds: type | tuple[type, ...], name: str) -> Any:
    """The value, if it is of one of the kinds; True and False are no numbers."""
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise BadFile(f"{name}: {KINDS[kinds]} expected")
    return value


def _names(value: Any, name: str) -> list[Any]:
    return [_of(one, ID, f"each of {name}") for one in _of(value, list, name)]


def _number(value: Any, name: str) -> float:
    if not 0 <= _of(value, NUMBER, name) <= MOST:
        raise BadFile(f"{name}: between 0 and {MOST}")
    return value


def _rows(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = [_of(row, dict, key) for row in _of(data[key], list, key)]
    seen = {str(_of(row["id"], ID, f"id in {key}")) for row in rows}
    if len(seen) < len(rows):
        raise BadFile(f"{key}: an id is there twice")
    return rows


def _table(data: dict[str, Any], key: str) -> list[tuple[str, Any]]:
    return list(_of(data.get(key) or {}, dict, key).items())


def _session(row: dict[str, Any]) -> Session:
    return Session(
        id=row["id"],
        minutes=_minutes(row),
        hosts=tuple(str(host) for host in _names(row.get("hosts") or [], "hosts")),
        needs=frozenset(_names(row.get("needs") or [], "needs")),
        format=str(row.get("format") or ""),
    )


def _room(row: dict[str, Any]) -> Room:
    capacity = row.get("capacity")
    if capacity is not None:
        _number(capacity, "capacity")
    return Room(row["id"], capacity, frozenset(_names(row.get("features") or [], "features")))


def _place(rooms: dict[str, Any], slots: dict[str, Any], place: list[Any], name: str) -> Place:
    if len(place) != 2:
        raise BadFile(f"{name}: a room and a slot expected")
    room, slot = place
    return Place(_id(rooms, room), _id(slots, slot))


def _id(rows: dict[str, Any], pk: Any) -> Any:
    """As its row writes it; unknown ones stay as they are."""
    return rows[str(pk)]["id"] if str(pk) in rows else pk


def _minutes(row: dict[str, Any]) -> int:
    return math.ceil(_number(row["minutes"], "minutes"))


def _moment(text: Any) -> dt.datetime:
    """Without an offset it is taken for UTC; a time without a day is of one and the same."""
    if len(_of(text, str, "starts_at")) <= len("09:00:00"):
        text = f"{SOME_DAY}T{text:0>5}"
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFile(f"starts_at: {error}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
