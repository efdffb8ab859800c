"""What differs between two programmes, for the public page, the mails and the next version.

:func:`difference` is pure; :func:`of_version` loads what it needs for a published version.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sessions.models import Placement, Schedule


@dataclass(frozen=True, slots=True)
class Spot:
    """A room and a half-open time. The room's name is carried along, not compared."""

    room_id: int
    room_name: str
    starts_at: dt.datetime
    ends_at: dt.datetime

    def is_at(self, other: "Spot") -> bool:
        """Same room and same time, whatever the room is called by now."""
        return (self.room_id, self.starts_at, self.ends_at) == (
            other.room_id,
            other.starts_at,
            other.ends_at,
        )


@dataclass(frozen=True, slots=True)
class Added:
    proposal_id: int
    after: Spot


@dataclass(frozen=True, slots=True)
class Moved:
    proposal_id: int
    before: Spot
    after: Spot


@dataclass(frozen=True, slots=True)
class Removed:
    proposal_id: int
    before: Spot


@dataclass(frozen=True, slots=True)
class Changes:
    """Added and moved by their new time, removed by their old one; false when nothing differs."""

    added: tuple[Added, ...] = ()
    moved: tuple[Moved, ...] = ()
    removed: tuple[Removed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.removed)

    def __iter__(self) -> Iterator[Added | Moved | Removed]:
        yield from self.added
        yield from self.moved
        yield from self.removed


def spots(placements: Iterable[Placement]) -> dict[int, Spot]:
    """Proposal ids and where they are; the placements need ``room`` loaded."""
    return {
        placement.proposal_id: Spot(
            room_id=placement.room_id,
            room_name=placement.room.name,
            starts_at=placement.during.lower,
            ends_at=placement.during.upper,
        )
        for placement in placements
    }


def difference(before: Mapping[int, Spot], after: Mapping[int, Spot]) -> Changes:
    """What happened to each proposal between two programmes (see :func:`spots`)."""
    return Changes(
        added=tuple(Added(pk, spot) for pk, spot in _chronological(after) if pk not in before),
        moved=tuple(
            Moved(pk, before[pk], spot)
            for pk, spot in _chronological(after)
            if pk in before and not before[pk].is_at(spot)
        ),
        removed=tuple(Removed(pk, spot) for pk, spot in _chronological(before) if pk not in after),
    )


def of_version(version: Schedule) -> Changes:
    """What a published version changed; 3 queries. The first one added everything."""
    return difference(spots_in(Schedule.objects.before(version).first()), spots_in(version))


def spots_in(schedule: Schedule | None) -> dict[int, Spot]:
    """One query; nothing for no schedule."""
    if schedule is None:
        return {}
    return spots(schedule.placements.select_related("room"))


def _chronological(programme: Mapping[int, Spot]) -> list[tuple[int, Spot]]:
    return sorted(
        programme.items(), key=lambda item: (item[1].starts_at, item[1].room_name, item[0])
    )
