"""Programmes to begin a search with, and to compare it with: greedy and random."""

import math
import random
import time
from collections.abc import Iterator

from sessions.scheduling.solver.problem import members
from sessions.scheduling.solver.state import State

# How often a repair tries somebody else's place. Where a host has more sessions than there is time,
# all would be tried in vain, which takes a minute; a chance programme is worth less of that.
TRIES, TRIES_AT_RANDOM = 1_500, 150


def greedily(state: State, *, until: float = math.inf) -> None:
    """The most wanted first, each where it wins most, then where there is most room, then early.

    Who is left over then is helped ``until`` (monotonic clock).
    """
    for session in by_demand(state):
        options = [(state.delta(session, cell), cell) for cell in openings(state, session)]
        if options:
            _, cell = max(options, key=lambda option: (option[0], *_roominess(state, option[1])))
            state.swap(session, cell)
    repair(state, until=until)


def at_random(state: State, rng: random.Random) -> None:
    """Each session at any time that its length, hosts and needs allow."""
    order = list(state.movable)
    rng.shuffle(order)
    for session in order:
        if options := openings(state, session):
            state.swap(session, rng.choice(options))
    repair(state, tries=TRIES_AT_RANDOM)


def by_demand(state: State) -> list[int]:
    """Those with few options first, then the most wanted."""
    problem = state.problem
    every = len(problem.bands)

    def order(session: int) -> tuple[int, float, int]:
        options = problem.allowed(session).bit_count()
        return (options if options <= every // 4 else every), -problem.demand[session], session

    return sorted(state.movable, key=order)


def openings(state: State, session: int) -> list[int]:
    """A free cell of each band where a session without a place may go, in the order of bands."""
    found = []
    for band in members(state.allowed[session] & ~(1 << state.off)):
        cell = _vacancy(state, band)
        if cell is not None and state.is_legal(session, cell):
            found.append(cell)
    return found


def repair(state: State, *, tries: int = TRIES, until: float = math.inf) -> None:
    """Place who was left over by moving up to two others out of the way."""
    left = iter(range(tries))
    for session in by_demand(state):
        if time.monotonic() >= until:
            return
        if state.at[session] == state.off and (vacant := _with_vacancy(state)):
            _squeeze_in(state, session, depth=2, vacant=vacant, left=left)


def _squeeze_in(
    state: State, session: int, *, depth: int, vacant: int, left: Iterator[int]
) -> bool:
    """Put a session that has no place into a free cell or into that of one who finds another."""
    if state.allowed[session] & vacant and (options := openings(state, session)):
        state.swap(session, max(options, key=lambda cell: state.delta(session, cell)))
        return True
    if not depth or (depth == 1 and not vacant):
        return False
    for band in members(state.allowed[session] & ~(1 << state.off)):
        for other in tuple(state.inside[band]):
            if not _may_go(state, other) or not state.is_legal(session, other):
                continue
            if depth == 1 and not state.allowed[other] & vacant:
                continue
            if next(left, None) is None:
                return False
            state.swap(session, other)
            if _squeeze_in(state, other, depth=depth - 1, vacant=vacant, left=left):
                return True
            state.swap(session, other)
    return False


def _may_go(state: State, item: int) -> bool:
    return item < state.vacant_from and item not in state.problem.pins


def _with_vacancy(state: State) -> int:
    bands = {state.at[item] for item in state.vacant}
    return sum(1 << band for band in bands if band != state.off)


def _vacancy(state: State, band: int) -> int | None:
    return next((item for item in state.inside[band] if item >= state.vacant_from), None)


def _roominess(state: State, cell: int) -> tuple[int, int]:
    """Free cells of the band, and the earlier one of two."""
    band = state.at[cell]
    free = sum(item >= state.vacant_from for item in state.inside[band])
    return free, -state.problem.bands[band].start
