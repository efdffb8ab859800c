"""Make a plan: times first, then rooms; again in other ways, and keep the best.

The search is bounded by a number of tries that follows from the seconds and the size of the case
alone, so that a seed gives the same plan wherever the machine keeps up; the clock only cuts off
what would come too late.
"""

import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sessions.scheduling.solver.instance import Id, Instance, Place, Reason, Unplaced
from sessions.scheduling.solver.layout import Layout, lay_out
from sessions.scheduling.solver.problem import Problem, compile_instance, members
from sessions.scheduling.solver.score import Score, reach, score
from sessions.scheduling.solver.search import Effort, anneal, descend
from sessions.scheduling.solver.seating import seat
from sessions.scheduling.solver.starts import at_random, greedily
from sessions.scheduling.solver.state import State

ROUNDS = (0.05, 0.15, 0.8)  # parts of the tries, short ones first: there is soon a good plan
USED = 0.6  # of the seconds, by what a try is taken to cost:
TRY, BIT, TANGLED = 0.7e-6, 0.16e-9, 14e-6
RESERVE = 0.1  # of the seconds, to write it all down


@dataclass(frozen=True)
class Plan:
    """Where and when everything is, pins included; what got no place and why."""

    instance: Instance
    places: Mapping[Id, Place]
    unplaced: tuple[Unplaced, ...]

    @cached_property
    def score(self) -> Score:
        return score(self.instance, self.places)


def plan(
    instance: Instance, *, seed: int = 0, seconds: float = 1.0, until: float | None = None
) -> Plan:
    """The best programme that is found within ``seconds``; what cannot be placed is named in it.

    See the module for what ``seed`` means. ``until`` (monotonic clock) is when the search has to
    end, for a caller who has spent some of the seconds already.
    """
    if until is None:
        until = time.monotonic() + seconds * (1 - RESERVE)
    problem = compile_instance(instance)
    best = _greedy(problem, lay_out(problem), until)
    tries = _tries(best, seconds)
    for number, part in enumerate(ROUNDS):
        effort = Effort(int(tries * part), until)
        if effort.is_spent:
            break
        # One generator for each round: how far one came says nothing about the next.
        rng = random.Random(f"{seed} {number}")  # noqa: S311 (a search, no secret)
        state = _again(best, rng if number else None, until)
        anneal(state, rng, effort)
        descend(state, effort)
        best = max(best, state, key=_merit)
    return _plan(best)


def random_reach(instance: Instance, *, seed: int = 0, plans: int = 20) -> float:
    """What chance would give under the same hard rules: the mean reach of some random plans."""
    problem = compile_instance(instance)
    rng = random.Random(seed)  # noqa: S311 (a search, no secret)
    reaches = []
    for _ in range(plans):
        state = State(problem, lay_out(problem, rng))
        at_random(state, rng)
        reaches.append(reach(instance, placed(state)))
    return sum(reaches) / len(reaches)


def placed(state: State) -> dict[Id, Place]:
    """Rooms for the times of ``state``; the sessions in their own order."""
    problem = state.problem
    instance = problem.instance
    seats = {s: room for s, (room, _) in problem.pins.items()}
    for band in range(state.off):
        inside = [s for s in state.inside[band] if s < state.vacant_from and s not in problem.pins]
        seats |= seat(problem, inside, state.cells[band], _published_rooms(problem, band, inside))
    return {
        session.id: Place(
            instance.rooms[seats[s]].id, instance.slots[problem.bands[state.at[s]].slot].id
        )
        for s, session in enumerate(instance.sessions)
        if s in seats
    }


def _greedy(problem: Problem, layout: Layout, until: float) -> State:
    state = State(problem, layout)
    greedily(state, until=until)
    state.settle()
    return state


def _again(best: State, rng: random.Random | None, until: float) -> State:
    """Another state to go on from: the best one, or another layout where there are several."""
    if best.layout.is_only or rng is None:
        return best.copy()
    return _greedy(best.problem, lay_out(best.problem, rng), until)


def _merit(state: State) -> int:
    """Its worth with all bits, to compare states of different layouts."""
    whole = State(state.problem, state.layout)
    whole.restore(state.at)
    return whole.worth()


def _tries(state: State, seconds: float) -> int:
    cost = TANGLED if state.is_tangled else TRY
    return int(USED * seconds / (cost + state.width * BIT))


def _published_rooms(problem: Problem, band: int, sessions: Iterable[int]) -> dict[int, int]:
    """The rooms of those who were published for this very slot."""
    instance = problem.instance
    rooms = {room.id: r for r, room in enumerate(instance.rooms)}
    slot = instance.slots[problem.bands[band].slot].id
    found = {}
    for session in sessions:
        place = instance.published.get(instance.sessions[session].id)
        if place and place.slot == slot and place.room in rooms:
            found[session] = rooms[place.room]
    return found


def _plan(state: State) -> Plan:
    instance = state.problem.instance
    places = placed(state)
    unplaced = tuple(
        Unplaced(session.id, _reason(state, s))
        for s, session in enumerate(instance.sessions)
        if session.id not in places
    )
    return Plan(instance, places, unplaced)


def _reason(state: State, session: int) -> Reason:
    problem = state.problem
    if problem.plain and not problem.fits[session]:
        return Reason.TOO_LONG
    if problem.instance.rooms and not problem.rooms[session]:
        return Reason.NO_ROOM
    allowed = problem.allowed(session)
    if problem.plain and not allowed:
        return Reason.HOST_AWAY
    if allowed and all(state.busy(band) & problem.clash[session] for band in members(allowed)):
        return Reason.HOST_BUSY
    return Reason.FULL
