"""Rooms within one band: the most wanted session in the largest room that will do."""

import math
from collections.abc import Sequence

from sessions.scheduling.solver.problem import Problem, members


def fits_in(wants: Sequence[int], rooms: int) -> bool:
    """Whether everybody finds a room of their own among ``rooms`` (Kuhn's augmenting paths)."""
    holder: dict[int, int] = {}

    def settle(one: int, seen: set[int]) -> bool:
        for room in members(wants[one] & rooms):
            if room not in seen:
                seen.add(room)
                if room not in holder or settle(holder[room], seen):
                    holder[room] = one
                    return True
        return False

    return all(settle(one, set()) for one in range(len(wants)))


def seat(
    problem: Problem, sessions: Sequence[int], rooms: int, stay: dict[int, int]
) -> dict[int, int]:
    """A room for each session; there must be enough (:func:`fits_in`).

    By sorted demand, which leaves the fewest people standing. ``stay`` names the rooms that were
    published for this very time: they are kept where that costs no seats.
    """
    seats: dict[int, int] = {}
    left = rooms
    order = sorted(sessions, key=lambda s: (-problem.demand[s], s))
    for number, session in enumerate(order):
        rest = [problem.rooms[other] for other in order[number + 1 :] if problem.is_picky(other)]
        for room in _by_size(problem, left & problem.rooms[session]):
            if fits_in(rest, left & ~(1 << room)):
                seats[session] = room
                left &= ~(1 << room)
                break
    for session, room in stay.items():
        if session in seats and rooms >> room & 1:
            _exchange(problem, seats, session, room)
    return seats


def standing(problem: Problem, session: int, room: int) -> float:
    """How many of those who want to come find no seat."""
    capacity = problem.instance.rooms[room].capacity
    return 0.0 if capacity is None else max(0.0, problem.demand[session] - capacity)


def _by_size(problem: Problem, rooms: int) -> list[int]:
    def size(room: int) -> tuple[float, int]:
        capacity = problem.instance.rooms[room].capacity
        return (-math.inf if capacity is None else -capacity), room

    return sorted(members(rooms), key=size)


def _exchange(problem: Problem, seats: dict[int, int], session: int, room: int) -> None:
    """Give ``session`` this room and whoever has it the other, if both will do."""
    before = seats[session]
    other = next((s for s, held in seats.items() if held == room), None)
    change = standing(problem, session, room) - standing(problem, session, before)
    if not problem.rooms[session] >> room & 1 or room == before:
        return
    if other is not None:
        if not problem.rooms[other] >> before & 1:
            return
        change += standing(problem, other, before) - standing(problem, other, room)
    if change <= 0:
        seats[session] = room
        if other is not None:
            seats[other] = before
