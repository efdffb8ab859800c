"""What the planner suggests, as values: what goes where, what stays out, who loses what. Pure.

A :class:`Suggestion` is kept as JSON and looked at later, so it carries titles and names along and
is compared with the draft as it is then (:mod:`fitting`) before anything is taken over.
"""

import datetime as dt
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sessions.scheduling import solver
from sessions.scheduling.cases import Case
from sessions.scheduling.changes import Spot
from sessions.scheduling.grid import Placed, Session
from sessions.scheduling.solver import Reason

RANDOM_PLANS = 12  # of which "at random" is the mean
PATIENCE = 1.5  # how many times its seconds a search may take on a busy machine


@dataclass(frozen=True, slots=True)
class Shift:
    """A session that goes from ``before`` to ``after``; None is beside the grid."""

    code: str
    title: str
    before: Spot | None
    after: Spot | None


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A session without a place, and what no room has of what it needs, if that is why."""

    code: str
    title: str
    reason: Reason
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """A session that ``people`` want and cannot come to."""

    code: str
    title: str
    people: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``reach…`` is the mean share of their wishes that people reach, see :mod:`solver.score`.

    ``losing`` are the accounts that lose something, with the codes of what; of visitors only
    the number is known.
    """

    shifts: tuple[Shift, ...]
    left_over: tuple[LeftOver, ...]
    reach: float
    reach_now: float
    reach_random: float
    members: int
    visitors: int
    wishes: int
    kept: int
    standing: int
    missed: tuple[Missed, ...]
    losing: Mapping[int, tuple[str, ...]]
    losing_visitors: int
    movable: int  # sessions that may get a place or another one

    @property
    def people(self) -> int:
        return self.members + self.visitors

    @property
    def losing_people(self) -> int:
        return len(self.losing) + self.losing_visitors

    @property
    def percent(self) -> int:
        return round(100 * self.reach)

    @property
    def percent_now(self) -> int:
        return round(100 * self.reach_now)

    @property
    def percent_random(self) -> int:
        return round(100 * self.reach_random)


def propose(case: Case, *, seed: int, seconds: float) -> Suggestion:
    """Plan the case: the same seed and seconds suggest the same, unless the machine is choked."""
    until = time.monotonic() + seconds * PATIENCE
    instance = case.instance
    plan = solver.plan(instance, seed=seed, seconds=seconds, until=until)
    lost = solver.losses(instance, plan.places)
    sessions = case.grid.sessions
    counted = solver.lost_by_session(lost)
    wishing = {person.id for person in instance.people}
    return Suggestion(
        shifts=tuple(sorted(_shifts(case, plan.places), key=_order)),
        left_over=tuple(
            _left_over(case, sessions[str(left.session)], left.reason) for left in plan.unplaced
        ),
        reach=plan.score.reach,
        reach_now=solver.reach(instance, case.present),
        reach_random=solver.random_reach(instance, seed=seed, plans=RANDOM_PLANS),
        members=sum(isinstance(who, int) for who in wishing),
        visitors=sum(not isinstance(who, int) for who in wishing),
        wishes=plan.score.wishes,
        kept=plan.score.kept,
        standing=plan.score.standing,
        missed=tuple(
            Missed(str(code), sessions[str(code)].title, n) for code, n in counted.items()
        ),
        losing={
            loss.person: tuple(map(str, loss.sessions))
            for loss in lost
            if isinstance(loss.person, int)
        },
        losing_visitors=sum(not isinstance(loss.person, int) for loss in lost),
        movable=len(instance.sessions) - len(instance.pinned),
    )


def _shifts(case: Case, places: Mapping[solver.Id, solver.Place]) -> Iterator[Shift]:
    grid = case.grid
    rooms = {room.id: room for room in grid.rooms}
    starts = {slot.id: slot.span.starts_at for slot in case.slots}
    for code, session in grid.sessions.items():
        place, becomes = grid.places.get(code), places.get(code)
        before, after = spot_of(place) if place else None, None
        if becomes and becomes != case.present.get(code):
            room, start = rooms[int(str(becomes.room))], starts[int(str(becomes.slot))]
            after = Spot(room.id, room.name, start, start + dt.timedelta(minutes=session.minutes))
        elif becomes:
            after = before
        if not same(before, after):
            yield Shift(code, session.title, before, after)


def _order(shift: Shift) -> tuple[bool, dt.datetime, str, str]:
    spot = shift.after or shift.before
    assert spot  # noqa: S101 (from nowhere to nowhere is no shift)
    return shift.after is None, spot.starts_at, spot.room_name, shift.code


def _left_over(case: Case, session: Session, reason: Reason) -> LeftOver:
    missing: tuple[str, ...] = ()
    if reason is Reason.NO_ROOM:
        # Of the room that has most of it.
        missing = min((room.lacks(session) for room in case.grid.rooms), key=len)
    return LeftOver(session.code, session.title, reason, missing)


def spot_of(place: Placed) -> Spot:
    return Spot(place.room.id, place.room.name, place.span.starts_at, place.span.ends_at)


def same(one: Spot | None, other: Spot | None) -> bool:
    return one.is_at(other) if one and other else one is other


def to_json(suggestion: Suggestion) -> dict[str, Any]:
    """Nothing but what JSON knows; times with all their digits."""
    kept: dict[str, Any] = json.loads(json.dumps(asdict(suggestion), default=dt.datetime.isoformat))
    return kept


def from_json(kept: Mapping[str, Any]) -> Suggestion:
    return Suggestion(
        **{
            "movable": len(kept["shifts"]) + len(kept["left_over"]),  # where it was not kept yet
            **kept,
            "shifts": tuple(
                Shift(
                    **{**row, "before": _spot(row["before"]), "after": _spot(row["after"])},
                )
                for row in kept["shifts"]
            ),
            "left_over": tuple(
                LeftOver(row["code"], row["title"], Reason(row["reason"]), tuple(row["missing"]))
                for row in kept["left_over"]
            ),
            "missed": tuple(Missed(**row) for row in kept["missed"]),
            "losing": {int(pk): tuple(codes) for pk, codes in kept["losing"].items()},
        }
    )


def _spot(kept: Mapping[str, Any] | None) -> Spot | None:
    if kept is None:
        return None
    start, end = (dt.datetime.fromisoformat(kept[key]) for key in ("starts_at", "ends_at"))
    return Spot(kept["room_id"], kept["room_name"], start, end)
