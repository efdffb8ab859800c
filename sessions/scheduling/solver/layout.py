"""Which cells are offered: for each room, bands that do not overlap.

Where slots do not overlap and no session is longer than its slot there is nothing to choose.
Else each long session first gets a band of its own length in some room, and what remains of the
rooms is filled with slots, the earliest end first (which yields the most of them).
"""

import random
from dataclasses import dataclass

from sessions.scheduling.solver.problem import Problem, members


@dataclass(frozen=True, slots=True)
class Layout:
    """``cells``: of each band the rooms that are offered. ``is_only``: no other one is possible."""

    cells: tuple[int, ...]
    is_only: bool


def lay_out(problem: Problem, rng: random.Random | None = None) -> Layout:
    """The layout that gives away the fewest cells; with ``rng`` another one that will do."""
    taken = list(problem.taken)
    plain = [_earliest_end(problem, mask) for mask in taken]
    long = [s for s in problem.movable if _needs_its_own(problem, s, plain)]
    chosen: dict[int, int] = {}
    cells = [0] * len(problem.bands)
    for s in sorted(long, key=lambda s: -problem.demand[s]):
        options = _options(problem, s, taken, chosen)
        if not options:
            continue
        _, _, room, band = rng.choice(options) if rng else min(options)
        taken[room] |= problem.overlap[band]
        chosen[s] = band
        cells[band] |= 1 << room
    for room, mask in enumerate(taken):
        for band in members(_earliest_end(problem, mask)):
            cells[band] |= 1 << room
    return Layout(tuple(cells), is_only=not long)


def _earliest_end(problem: Problem, taken: int) -> int:
    """The most slots that do not overlap each other nor anything taken, as a set of bands."""
    bands = problem.bands
    chosen = 0
    for band in sorted(members(problem.plain), key=lambda b: (bands[b].end, -bands[b].start, b)):
        if not (taken >> band & 1 or problem.overlap[band] & chosen):
            chosen |= 1 << band
    return chosen


def _needs_its_own(problem: Problem, session: int, plain: list[int]) -> bool:
    allowed = problem.allowed(session)
    return bool(allowed) and not any(plain[r] & allowed for r in members(problem.rooms[session]))


def _options(
    problem: Problem, session: int, taken: list[int], chosen: dict[int, int]
) -> list[tuple[int, float, int, int]]:
    """Cells for a long session: what they cost in slots and seats, room and band."""
    busy = 0
    for other in members(problem.clash[session]):
        if other in problem.pins:
            busy |= problem.overlap[problem.pins[other][1]]
        elif other in chosen:
            busy |= problem.overlap[chosen[other]]
    options = []
    for room in members(problem.rooms[session]):
        capacity = problem.instance.rooms[room].capacity
        short = max(0.0, problem.demand[session] - capacity) if capacity is not None else 0.0
        before = _earliest_end(problem, taken[room]).bit_count()
        for band in members(problem.allowed(session) & ~taken[room] & ~busy):
            after = _earliest_end(problem, taken[room] | problem.overlap[band]).bit_count()
            options.append((before - after, short, room, band))
    return options
