"""The numbers that headlines are made of."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from sessions.models import Event, Proposal, Slot
from sessions.walls import hanging


@dataclass(frozen=True)
class Facts:
    """``places`` is what the grid of rooms and slots holds, ``taken`` what was accepted."""

    pitches: int
    places: int
    taken: int
    comments: int

    @property
    def free(self) -> int:
        return max(self.places - self.taken, 0)


def of(event: Event) -> Facts:
    """One query."""
    slots = event.slots.filter(kind=Slot.Kind.SESSIONS)
    counts = (
        _count(hanging(event)),
        _count(event.rooms.all()) * _count(slots),
        _count(Proposal.objects.of_event(event).schedulable()),
        _count(event.pitches.public().filter(comments__state="published")),
    )
    return Facts(*Event.objects.values_list(*counts).get(pk=event.pk))


def _count(rows: QuerySet) -> Coalesce:
    """``COUNT(*)`` of ``rows`` as a subquery: grouped by a constant, all of them are one group."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("*"))
    return Coalesce(Subquery(counted.values("n")), 0)
