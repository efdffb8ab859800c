"""What takes place now and next, from the newest published programme."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from sessions.models import Event, Placement, Proposal, Schedule


def placements(event: Event) -> list[Placement]:
    """Places of the newest published programme in time order, without what was cancelled since.

    Two queries; empty before the first publication.
    """
    newest = Schedule.objects.published().filter(event=event).values("pk")[:1]
    taking_place = Proposal.objects.schedulable().values("pk")
    return list(
        Placement.objects.filter(schedule__in=newest, proposal__in=taking_place)
        .with_session()
        .defer("proposal__search", "proposal__abstract")
        .defer("proposal__pitch__search", "proposal__pitch__body")
        .chronological()
    )


@dataclass(frozen=True)
class Moment:
    """``now`` runs, ``next`` begins together at ``next_at``; both in the order of the rooms.

    ``minutes`` are left until then, each begun one counted as a whole.
    """

    now: tuple[Placement, ...]
    next: tuple[Placement, ...]
    minutes: int | None

    @property
    def next_at(self) -> dt.datetime | None:
        return self.next[0].during.lower if self.next else None


def moment(places: Iterable[Placement], *, now: dt.datetime) -> Moment:
    """Cut the programme (in time order) at ``now``; a session that ends now is over."""
    places = list(places)
    coming = [place for place in places if place.during.lower > now]
    first = coming[0].during.lower if coming else None
    return Moment(
        now=tuple(place for place in places if place.during.lower <= now < place.during.upper),
        next=tuple(place for place in coming if place.during.lower == first),
        minutes=-((now - first) // dt.timedelta(minutes=1)) if first else None,
    )


def by_start(places: Iterable[Placement]) -> list[tuple[dt.datetime, list[Placement]]]:
    """Rounds: what begins together, in time order as given."""
    return [
        (start, list(together))
        for start, together in groupby(places, key=lambda place: place.during.lower)
    ]
