"""An instance in numbers: what can be said once, before any search.

Sessions, rooms and bands are counted through; a set of them is an int with a bit for each. A
*band* is a time that a session can take: an open slot, a run of slots, or wherever a pin is.

What a session is worth in a band is a set too. Everybody has as many bits as one wish of theirs
weighs (1 / number of wishes), and a session's mask is the bits of all who want it. Whoever is in
a band twice is covered once, so the worth of a programme is the number of covered bits, and a
change of it is a few ANDs and ``int.bit_count()``. What somebody leads has
their bits, too: what they want at the same time wins nothing. The soft aims are further bits:

- one per format: a band with three formats covers three;
- a block that counts only in the band of the published version: to stay;
- a block that only this session has: to be placed at all, the more wanted first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sessions.scheduling.solver.instance import Id, Instance, Session, Slot

BITS = 3_200  # of all wishes together; finer is slower
FINEST, COARSEST = 24, 3  # bits of an average wish
PLACED_WISHES = 2  # a place at all is worth this many average wishes, and a little more if wanted
WANTED_SHARE = 64
STAY_WISHES = 1  # what a move away from the published time must win


@dataclass(frozen=True, slots=True)
class Band:
    """Minutes since 1970; ``slot`` is the index of the slot in which it begins."""

    start: int
    end: int
    slot: int


@dataclass(frozen=True)
class Problem:
    instance: Instance
    bands: tuple[Band, ...]
    plain: int  # bands that are single open slots
    overlap: tuple[int, ...]  # of each band: the bands at the same time, itself among them
    fits: tuple[int, ...]  # of each session: bands that are long enough
    present: tuple[int, ...]  # of each session: bands in which its hosts can
    rooms: tuple[int, ...]  # of each session: rooms that have what it needs
    clash: tuple[int, ...]  # of each session: the others that share a host
    pins: dict[int, tuple[int, int]]  # session: room and band
    taken: tuple[int, ...]  # of each room: bands in which it is not free
    demand: tuple[float, ...]  # of each session: weighted number of people
    masks: tuple[int, ...]
    counted: tuple[int, ...]  # of each band: the bits that count there
    width: int  # bits in use
    narrow: int  # without those that only say who is left over, which are the highest

    @property
    def movable(self) -> list[int]:
        return [s for s in range(len(self.instance.sessions)) if s not in self.pins]

    def is_picky(self, session: int) -> bool:
        """Whether it cannot use any room."""
        return self.rooms[session] != (1 << len(self.instance.rooms)) - 1

    def allowed(self, session: int) -> int:
        """Bands that its length and its hosts allow."""
        return self.fits[session] & self.present[session]


def members(mask: int) -> Iterator[int]:
    """The numbers in a set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def compile_instance(instance: Instance) -> Problem:
    bands = _Bands(instance)
    fits = [bands.fitting(session) for session in instance.sessions]
    session_numbers = {session.id: s for s, session in enumerate(instance.sessions)}
    room_numbers = {room.id: r for r, room in enumerate(instance.rooms)}
    pins = {
        session_numbers[pk]: (room_numbers[place.room], bands.of_pin(pk, place.slot))
        for pk, place in instance.pinned.items()
    }
    published = bands.of_published()
    overlap = bands.overlap()  # now that all bands are known
    demand = _demand(instance, session_numbers)
    masks = _Masks(instance, demand, published)
    return Problem(
        instance=instance,
        bands=tuple(bands.all),
        plain=bands.plain,
        overlap=overlap,
        fits=tuple(fits),
        present=tuple(_present(instance, bands, session) for session in instance.sessions),
        rooms=tuple(_rooms(instance, session) for session in instance.sessions),
        clash=_clash(instance),
        pins=pins,
        taken=_taken(instance, bands, overlap, pins),
        demand=demand,
        masks=tuple(masks.of_sessions),
        counted=tuple(masks.counted(b) for b in range(len(bands.all))),
        width=masks.width,
        narrow=masks.narrow,
    )


class _Bands:
    """Numbers the bands as they turn up: the slots first, in their order."""

    def __init__(self, instance: Instance):
        self.instance = instance
        self.numbers = {slot.id: number for number, slot in enumerate(instance.slots)}
        self.sessions = {session.id: session for session in instance.sessions}
        self.all = [Band(slot.start, slot.end, n) for n, slot in enumerate(instance.slots)]
        self.plain = sum(1 << n for n, slot in enumerate(instance.slots) if slot.is_open)
        self._index = {band: number for number, band in enumerate(self.all)}
        self._fitting: dict[int, int] = {}

    def _number(self, session: Session, slot: Slot) -> int:
        start, end = self.instance.time_of(session, slot)
        band = Band(start, end, self.numbers[slot.id])
        if band not in self._index:
            self._index[band] = len(self.all)
            self.all.append(band)
        return self._index[band]

    def fitting(self, session: Session) -> int:
        """Counted once for each length."""
        if session.minutes not in self._fitting:
            mask = 0
            for slot in self.instance.slots:
                run = self.instance.run_of(session, slot)
                if run and all(part.is_open for part in run):
                    mask |= 1 << self._number(session, slot)
            self._fitting[session.minutes] = mask
        return self._fitting[session.minutes]

    def of_pin(self, session: Id, slot: Id) -> int:
        return self._number(self.sessions[session], self.instance.slots[self.numbers[slot]])

    def of_published(self) -> dict[Id, int]:
        """Bands of what was published and can still be there."""
        return {
            pk: self.of_pin(pk, place.slot)
            for pk, place in self.instance.published.items()
            if pk in self.sessions and place.slot in self.numbers
        }

    def overlap(self) -> tuple[int, ...]:
        return tuple(self.touching(band.start, band.end) for band in self.all)

    def touching(self, start: int, end: int) -> int:
        return sum(1 << n for n, b in enumerate(self.all) if b.start < end and start < b.end)


def _present(instance: Instance, bands: _Bands, session: Session) -> int:
    mask = (1 << len(bands.all)) - 1
    away = [instance.unavailable.get(host, frozenset()) for host in session.hosts]
    for slot in instance.slots:
        if any(slot.id in slots for slots in away):
            mask &= ~bands.touching(slot.start, slot.end)
    return mask


def _rooms(instance: Instance, session: Session) -> int:
    return sum(1 << r for r, room in enumerate(instance.rooms) if session.needs <= room.features)


def _clash(instance: Instance) -> tuple[int, ...]:
    of_host: dict[Id, int] = {}
    for s, session in enumerate(instance.sessions):
        for host in session.hosts:
            of_host[host] = of_host.get(host, 0) | 1 << s
    clash = []
    for s, session in enumerate(instance.sessions):
        mask = 0
        for host in session.hosts:
            mask |= of_host[host]
        clash.append(mask & ~(1 << s))
    return tuple(clash)


def _taken(
    instance: Instance,
    bands: _Bands,
    overlap: tuple[int, ...],
    pins: dict[int, tuple[int, int]],
) -> tuple[int, ...]:
    taken = [0] * len(instance.rooms)
    for room, band in pins.values():
        taken[room] |= overlap[band]
    for r, room_ in enumerate(instance.rooms):
        for cell in instance.closed:
            if cell.room == room_.id and cell.slot in bands.numbers:
                taken[r] |= overlap[bands.numbers[cell.slot]]
    return tuple(taken)


def _demand(instance: Instance, numbers: dict[Id, int]) -> tuple[float, ...]:
    demand = [0.0] * len(numbers)
    for person in instance.people:
        for pk in person.wants:
            if pk in numbers:
                demand[numbers[pk]] += person.weight
    return tuple(round(wanted, 6) for wanted in demand)


class _Masks:
    """Hands out the bits, see the module."""

    def __init__(self, instance: Instance, demand: tuple[float, ...], published: dict[Id, int]):
        self.width = 0
        self.of_sessions = [0] * len(instance.sessions)
        self._stay: dict[int, int] = {}
        numbers = {session.id: s for s, session in enumerate(instance.sessions)}
        blocks = self._sizes(instance, numbers)
        for bits, wanted in blocks:
            if len(wanted) > 1:
                self._give(bits, wanted)
        formats: dict[str, list[int]] = {}
        for s, session in enumerate(instance.sessions):
            if session.format:
                formats.setdefault(session.format, []).append(s)
        for sessions in formats.values():
            self._give(1, sessions)
        stay = 0
        for pk, band in published.items():
            block = self._give(STAY_WISHES * self.unit, [numbers[pk]])
            self._stay[band] = self._stay.get(band, 0) | block
            stay |= block
        self.narrow = self.width
        for bits, wanted in blocks:
            if len(wanted) == 1:
                self._give(bits, wanted)
        for s, wanting in enumerate(demand):
            self._give(self.unit * PLACED_WISHES + round(wanting * self.unit / WANTED_SHARE), [s])
        self._everywhere = (1 << self.width) - 1 - stay

    def counted(self, band: int) -> int:
        return self._everywhere | self._stay.get(band, 0)

    def _sizes(self, instance: Instance, numbers: dict[Id, int]) -> list[tuple[int, list[int]]]:
        """Bits for each person with wishes, and the sessions that get them; sets ``unit``."""
        shares = []
        for person in instance.people:
            wanted = [numbers[pk] for pk in person.wants if pk in numbers]
            if wanted and person.weight > 0:
                led = sorted(numbers[pk] for pk in person.leads - person.wants if pk in numbers)
                shares.append((person.weight / len(wanted), wanted + led))
        self.unit = 2
        if not shares:
            return []
        self.unit = round(min(max(BITS / len(shares), COARSEST), FINEST))
        scale = self.unit * len(shares) / sum(share for share, _ in shares)
        return [(max(1, round(share * scale)), wanted) for share, wanted in shares]

    def _give(self, bits: int, sessions: list[int]) -> int:
        block = ((1 << bits) - 1) << self.width
        self.width += bits
        for s in sessions:
            self.of_sessions[s] |= block
        return block
