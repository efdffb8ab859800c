"""Who is when, and what a change would be worth: the programme under the search's hands."""

from sessions.scheduling.solver.layout import Layout
from sessions.scheduling.solver.problem import Problem, members
from sessions.scheduling.solver.seating import fits_in


class State:
    """Every session in a band, or nowhere (the band ``off``).

    A free cell is an item like a session, one that nobody wants, so that every change is a swap of
    two items in different bands. Of each band is known which bits nobody covers (``open``) and
    which only one item does (``lonely``), of each item how many of the lonely ones are its ``own``;
    hence the worth of a swap in a few ANDs. Where bands overlap each other (a *tangle*), the worth
    is counted anew, the earliest end first: for each person the greatest number of sessions that
    do not overlap.
    """

    def __init__(self, problem: Problem, layout: Layout):
        self.problem, self.layout, self.cells = problem, layout, layout.cells
        self.width = problem.width
        self.off = len(problem.bands)
        sessions = len(problem.instance.sessions)
        vacant = [b for b, cells in enumerate(layout.cells) for _ in range(cells.bit_count())]
        self.masks = list(problem.masks) + [0] * len(vacant)
        anywhere = (1 << self.off + 1) - 1
        self.allowed = [problem.allowed(s) | 1 << self.off for s in range(sessions)]
        self.allowed += [anywhere] * len(vacant)
        self.clash = list(problem.clash) + [0] * len(vacant)
        self.bits = [1 << s for s in range(sessions)] + [0] * len(vacant)
        self.counted = [*problem.counted, 0]
        self.overlap = [tuple(members(mask)) for mask in problem.overlap] + [()]
        self.picky = [problem.is_picky(s) for s in range(sessions)] + [False] * len(vacant)
        self.movable = problem.movable
        self.vacant_from = sessions
        self.vacant = range(sessions, len(self.masks))
        self._seatable: dict[tuple[int, int], bool] = {}

        self.at = [problem.pins[s][1] if s in problem.pins else self.off for s in range(sessions)]
        self.at += vacant
        bands = self.off + 1
        self.inside: list[list[int]] = [[] for _ in range(bands)]
        self.present = [0] * bands
        self.open, self.lonely, self.covered = [0] * bands, [0] * bands, [0] * bands
        self.own = [0] * len(self.masks)
        self._tangle()
        self.restore(self.at)

    def _tangle(self) -> None:
        """``tangles``: of each band the others in use that it hangs together with, or nothing.

        In order of their ends, each with those before it that overlap it.
        """
        used = sum(1 << b for b in set(self.at) if b != self.off)
        used |= sum(1 << b for b, cells in enumerate(self.cells) if cells)
        self.tangles: list[tuple[tuple[int, tuple[int, ...]], ...]] = [()] * (self.off + 1)
        for band in members(used):
            found, grown = 0, 1 << band
            while grown != found:
                found = grown
                for b in members(found):
                    grown |= self.problem.overlap[b] & used
            if found.bit_count() > 1:
                order = sorted(members(found), key=lambda b: (self.problem.bands[b].end, b))
                self.tangles[band] = tuple(
                    (b, tuple(u for u in order[:n] if self.problem.overlap[b] >> u & 1))
                    for n, b in enumerate(order)
                )
        self.is_tangled = any(self.tangles)

    def restore(self, at: list[int]) -> None:
        """Put every item where ``at`` says."""
        self.at[:] = at
        self.inside = [[] for _ in range(self.off + 1)]
        for item, band in enumerate(self.at):
            self.inside[band].append(item)
        for band in range(self.off + 1):
            self._refresh(band)

    def copy(self) -> "State":
        other = State(self.problem, self.layout)
        other.masks, other.counted = list(self.masks), list(self.counted)
        other.width = self.width
        other.restore(self.at)
        return other

    def settle(self) -> None:
        """Make ready for a search, once all have a place that can have one.

        If nobody is left over, the bits that say so are dropped. The free cells of a band get a
        bit each, the same in every band: an even spread of the gaps wins a little.
        """
        problem = self.problem
        self.width = width = problem.width if self._is_crowded() else problem.narrow
        highest = 0
        for band in range(self.off):
            free = [item for item in self.inside[band] if item >= self.vacant_from]
            highest = max(highest, len(free))
            for number, item in enumerate(free):
                self.masks[item] = 1 << width + number
        below = (1 << width) - 1
        levels = (1 << width + highest) - 1 - below
        self.masks[: self.vacant_from] = [mask & below for mask in problem.masks]
        self.counted = [counted & below | levels for counted in problem.counted] + [0]
        self.restore(list(self.at))

    def _is_crowded(self) -> bool:
        return any(self.at[s] == self.off for s in self.movable)

    def swap(self, one: int, other: int) -> None:
        a, b = self.at[one], self.at[other]
        self.at[one], self.at[other] = b, a
        self.inside[a][self.inside[a].index(one)] = other
        self.inside[b][self.inside[b].index(other)] = one
        self._refresh(a)
        self._refresh(b)

    def _refresh(self, band: int) -> None:
        masks, inside = self.masks, self.inside[band]
        once = twice = present = 0
        for item in inside:
            mask = masks[item]
            twice |= once & mask
            once |= mask
            present |= self.bits[item]
        counted = self.counted[band]
        self.covered[band] = once & counted
        self.open[band] = once & counted ^ counted
        self.lonely[band] = lonely = (once ^ twice) & counted
        for item in inside:
            self.own[item] = (masks[item] & lonely).bit_count()
        self.present[band] = present

    def delta(self, one: int, other: int) -> int:
        """What swapping two items of different bands would be worth."""
        a, b = self.at[one], self.at[other]
        if self.tangles[a] or self.tangles[b]:
            return self._tangled_delta(one, other)
        both = self.masks[one] & self.masks[other]
        into_a = (self.masks[other] & self.open[a] | both & self.lonely[a]).bit_count()
        into_b = (self.masks[one] & self.open[b] | both & self.lonely[b]).bit_count()
        return into_a + into_b - self.own[one] - self.own[other]

    def _tangled_delta(self, one: int, other: int) -> int:
        worth = 0
        changed = {}
        for item, comes in ((one, other), (other, one)):
            band = self.at[item]
            others = self.covered[band] & ~(self.masks[item] & self.lonely[band])
            changed[band] = others | self.masks[comes] & self.counted[band]
        done = set()
        for band in changed:
            tangle = self.tangles[band] or ((band, ()),)
            if tangle[0][0] not in done:
                done.add(tangle[0][0])
                worth += self._worth(tangle, changed) - self._worth(tangle, {})
        return worth

    def _worth(
        self, tangle: tuple[tuple[int, tuple[int, ...]], ...], changed: dict[int, int]
    ) -> int:
        """Bits that are reached in bands that hang together: each takes what ends first."""
        reached: dict[int, int] = {}
        worth = 0
        for band, before in tangle:
            mask = changed[band] if band in changed else self.covered[band]
            for earlier in before:
                mask &= ~reached[earlier]
            reached[band] = mask
            worth += mask.bit_count()
        return worth

    def worth(self) -> int:
        """Of the whole programme, counted from nothing."""
        worth, done = 0, set()
        for band in range(self.off):
            tangle = self.tangles[band] or ((band, ()),)
            if tangle[0][0] not in done:
                done.add(tangle[0][0])
                worth += self._worth(tangle, {})
        return worth

    def is_legal(self, one: int, other: int) -> bool:
        """Whether lengths, hosts and rooms allow a swap of two items of different bands."""
        a, b = self.at[one], self.at[other]
        if not (self.allowed[one] >> b & 1 and self.allowed[other] >> a & 1):
            return False
        others = ~(self.bits[one] | self.bits[other])
        if self.clash[one] & others and self.clash[one] & others & self.busy(b):
            return False
        if self.clash[other] & others and self.clash[other] & others & self.busy(a):
            return False
        if self.picky[one] or self.picky[other]:
            return self._seats(a, one, other) and self._seats(b, other, one)
        return True

    def busy(self, band: int) -> int:
        """The sessions that take place at some time of a band."""
        mask = 0
        for other in self.overlap[band]:
            mask |= self.present[other]
        return mask

    def _seats(self, band: int, goes: int, comes: int) -> bool:
        """Whether those who cannot use any room still find one each; then so do the others."""
        if band == self.off:
            return True
        picky = 0
        for item in (*self.inside[band], comes):
            if item != goes and self.picky[item] and item not in self.problem.pins:
                picky |= self.bits[item]
        key = (band, picky)
        if key not in self._seatable:
            wants = [self.problem.rooms[s] for s in members(picky)]
            self._seatable[key] = fits_in(wants, self.cells[band])
        return self._seatable[key]
