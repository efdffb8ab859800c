"""Simulated annealing over swaps, ended by a descent.

After S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi: Optimization by Simulated Annealing, Science 220
(1983). Two items of different bands change places when that wins something, or loses less than an
exponentially distributed number whose mean, the temperature, falls geometrically.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sessions.scheduling.solver.state import State

HOT, COLD = 0.08, 0.01  # temperatures, in parts of the mean loss of a random swap
PARTNERS = 60  # tried for each session in a sweep
NOISE = 1_024  # random numbers kept in store
SAMPLE = 400  # swaps by which the mean loss is known
# Parts of its time in which a search may be behind, and by which it has to be cold.
EASY, LATEST = 0.1, 0.92


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: ``tries`` of swaps; ``until`` (monotonic clock) only cuts them off."""

    tries: int
    until: float
    since: float = field(default_factory=time.monotonic)

    @property
    def is_spent(self) -> bool:
        return time.monotonic() >= self.until

    @property
    def due(self) -> float:
        """How far the search has to be by now, as a part of it; below 0 while there is time."""
        passed = (time.monotonic() - self.since) / max(self.until - self.since, 1e-9)
        return (passed - EASY) / (LATEST - EASY)


def anneal(state: State, rng: random.Random, effort: Effort) -> None:
    """Leaves the best programme that it saw in ``state``.

    Where the machine does not keep up it cools faster: better a short search than half a one.
    """
    items = _items(state)
    loss = _mean_loss(state, items, rng)
    if not loss:
        return
    run = _Run(state, items, rng)
    partners = min(PARTNERS, len(items))
    sweeps = max(2, effort.tries // (len(state.movable) * partners))
    noise = [rng.expovariate(1.0) for _ in range(NOISE)]
    done = 0
    while (progress := max(done / sweeps, effort.due)) < 1 and not effort.is_spent:
        temperature = loss * HOT * (COLD / HOT) ** progress
        run.sweep([-int(temperature * deviate) for deviate in noise], partners, effort)
        done += 1
    state.restore(run.best)


def descend(state: State, effort: Effort) -> None:
    """Take every swap that wins something until there is none."""
    items = _items(state)
    improved = True
    while improved and not effort.is_spent:
        improved = False
        for one in state.movable:
            for other in items:
                if state.at[one] == state.at[other] or state.delta(one, other) <= 0:
                    continue
                if state.is_legal(one, other):
                    state.swap(one, other)
                    improved = True
            if effort.is_spent:
                return


def _items(state: State) -> list[int]:
    return [*state.movable, *(cell for cell in state.vacant if state.at[cell] != state.off)]


def _mean_loss(state: State, items: Sequence[int], rng: random.Random) -> float:
    losses = []
    for _ in range(SAMPLE if state.movable else 0):
        one, other = rng.choice(state.movable), rng.choice(items)
        if state.at[one] != state.at[other] and (gain := state.delta(one, other)) < 0:
            losses.append(-gain)
    return sum(losses) / len(losses) if losses else 0.0


class _Run:
    """The sweeps of one annealing; ``best`` is where every item was at the best moment."""

    def __init__(self, state: State, items: list[int], rng: random.Random):
        self.programme, self.items, self.rng = state, items, rng
        self.order = list(state.movable)
        self.shared: dict[int, list[int]] = {}
        self.best = list(state.at)
        self.ahead = 0  # of the start
        self.best_ahead = 0

    def sweep(self, limits: list[int], partners: int, effort: Effort) -> None:
        """Try each session with some others, in random order; ``limits`` are what may be lost."""
        rng = self.rng
        rng.shuffle(self.order)
        rng.shuffle(self.items)
        pool = self.items + self.items[:partners]
        try_with = self._try_tangled if self.programme.is_tangled else self._try
        for one in self.order:
            first = int(rng.random() * len(self.items))
            store = int(rng.random() * (NOISE - partners))
            try_with(one, pool[first : first + partners], limits[store : store + partners])
            if effort.is_spent:
                return

    def _try(self, one: int, others: list[int], limits: list[int]) -> None:
        """:meth:`State.delta` written out, since the search spends its time here.

        What ``one`` would win is known for each band beforehand; what both cover is looked at
        only where it could tip the balance.
        """
        state = self.programme
        at, masks, own, open_, lonely = state.at, state.masks, state.own, state.open, state.lonely
        mask, shared = masks[one], self._shared(one)
        a, lost = at[one], own[one]
        fill = open_[a] | mask & lonely[a]  # what others could cover if it went
        wins = [(mask & uncovered).bit_count() for uncovered in open_]
        for other, limit in zip(others, limits, strict=True):
            b = at[other]
            if a == b:
                continue
            gain = (masks[other] & fill).bit_count() + wins[b] - own[other] - lost
            if gain + shared[other] < limit:
                continue
            gain += (masks[other] & mask & lonely[b]).bit_count()
            if gain >= limit and state.is_legal(one, other):
                self._take(one, other, gain)
                wins[a], wins[b] = ((mask & open_[band]).bit_count() for band in (a, b))
                a, lost = b, own[one]
                fill = open_[a] | mask & lonely[a]

    def _shared(self, one: int) -> list[int]:
        """How many bits it has in common with each item."""
        if one not in self.shared:
            masks = self.programme.masks
            self.shared[one] = [(masks[one] & mask).bit_count() for mask in masks]
        return self.shared[one]

    def _try_tangled(self, one: int, others: list[int], limits: list[int]) -> None:
        state = self.programme
        for other, limit in zip(others, limits, strict=True):
            if state.at[one] != state.at[other]:
                gain = state.delta(one, other)
                if gain >= limit and state.is_legal(one, other):
                    self._take(one, other, gain)

    def _take(self, one: int, other: int, gain: int) -> None:
        self.programme.swap(one, other)
        self.ahead += gain
        if self.ahead > self.best_ahead:
            self.best_ahead = self.ahead
            self.best = list(self.programme.at)
