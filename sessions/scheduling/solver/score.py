"""How good a programme is, counted exactly and from nothing.

The *reach* of a person is the share of the sessions they want that they can attend: sessions at the
same time compete, so it is the greatest number of them that do not overlap, divided by the number
that they want; what they lead themselves comes first. The reach of a programme is the mean over all
people who want something, weighted. It is the measure of “preference-based conference scheduling”
(B. Vangerven and others, Conference scheduling: a personalized approach, Omega 81, 2018: attendees'
missed preferred talks), taken as a share, so that somebody with three wishes counts as much as
somebody with thirty. The greatest number of intervals that do not overlap is found by taking
whatever ends first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sessions.scheduling.solver.instance import Id, Instance, Person, Place


@dataclass(frozen=True, slots=True)
class Score:
    """``reach`` is 1 without any wishes: see ``people``, on whose wishes it rests."""

    reach: float
    people: int
    wishes: int
    kept: int  # of the wishes
    standing: int  # people without a seat, if everybody came to what they want
    moved: int  # sessions away from their published room or time
    repeats: int  # sessions whose format takes place at the same time already


@dataclass(frozen=True, slots=True)
class Loss:
    """Wishes of a person that cannot be kept; of two at once the later ending one is lost."""

    person: Id
    sessions: tuple[Id, ...]


def score(instance: Instance, places: Mapping[Id, Place]) -> Score:
    wishing = _wishing(instance)
    lost = losses(instance, places)
    wishes = sum(len(wanted) for _, wanted in wishing)
    return Score(
        reach=_reach(wishing, lost),
        people=len(wishing),
        wishes=wishes,
        kept=wishes - sum(len(loss.sessions) for loss in lost),
        standing=_standing(instance, places),
        moved=sum(
            1 for pk, place in instance.published.items() if pk in places and places[pk] != place
        ),
        repeats=_repeats(instance, places),
    )


def reach(instance: Instance, places: Mapping[Id, Place]) -> float:
    """Between 0 and 1."""
    return _reach(_wishing(instance), losses(instance, places))


def _reach(wishing: Iterable[tuple[Person, list[Id]]], lost: Iterable[Loss]) -> float:
    missed = {loss.person: len(loss.sessions) for loss in lost}
    total = weights = 0.0
    for person, wanted in wishing:
        total += person.weight * (1 - missed.get(person.id, 0) / len(wanted))
        weights += person.weight
    return total / weights if weights else 1.0


def losses(instance: Instance, places: Mapping[Id, Place]) -> tuple[Loss, ...]:
    """Who loses what, in the order of the people and of the sessions' times."""
    times = _times(instance, places)
    found = []
    for person, wanted in _wishing(instance):
        missed = [pk for pk in wanted if pk not in times]
        busy = [times[pk] for pk in person.leads - person.wants if pk in times]
        free_from = None
        for pk in sorted((pk for pk in wanted if pk in times), key=lambda pk: times[pk][1]):
            start, end = times[pk]
            if any(begun < end and start < over for begun, over in busy):
                missed.append(pk)
            elif free_from is None or start >= free_from:
                free_from = end
            else:
                missed.append(pk)
        if missed:
            found.append(Loss(person.id, tuple(missed)))
    return tuple(found)


def lost_by_session(lost: Iterable[Loss]) -> dict[Id, int]:
    """How many people miss each session, the most missed first."""
    counted: dict[Id, int] = {}
    for loss in lost:
        for pk in loss.sessions:
            counted[pk] = counted.get(pk, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _wishing(instance: Instance) -> list[tuple[Person, list[Id]]]:
    """People with what they want of what there is, in the order of the sessions."""
    order = {session.id: number for number, session in enumerate(instance.sessions)}
    found = []
    for person in instance.people:
        wanted = sorted((pk for pk in person.wants if pk in order), key=order.__getitem__)
        if wanted and person.weight > 0:
            found.append((person, wanted))
    return found


def _times(instance: Instance, places: Mapping[Id, Place]) -> dict[Id, tuple[int, int]]:
    slots = {slot.id: slot for slot in instance.slots}
    return {
        session.id: instance.time_of(session, slots[places[session.id].slot])
        for session in instance.sessions
        if session.id in places
    }


def _standing(instance: Instance, places: Mapping[Id, Place]) -> int:
    capacity = {room.id: room.capacity for room in instance.rooms}
    coming = dict.fromkeys(places, 0.0)
    for person in instance.people:
        for pk in person.wants:
            if pk in coming:
                coming[pk] += person.weight
    total = 0.0
    for pk, people in coming.items():
        seats = capacity[places[pk].room]
        total += 0.0 if seats is None else max(0.0, people - seats)
    return round(total)


def _repeats(instance: Instance, places: Mapping[Id, Place]) -> int:
    cells = [
        (places[session.id].slot, session.format)
        for session in instance.sessions
        if session.format and session.id in places
    ]
    return len(cells) - len(set(cells))
