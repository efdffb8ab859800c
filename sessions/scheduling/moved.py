"""Which places the public has seen on the day, though the session has left them.

The day begins with the midnight of the event's first day: what was planned until then and is not
in the version of that night, nobody is looking for. Both expressions are for queries of others.
"""

import datetime as dt
from collections.abc import Iterable
from operator import itemgetter

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from sessions.models import Event, Placement
from sessions.models.schedule import PlacementQuerySet
from sessions.scheduling.changes import Moved, Spot


def seen(event: Event, *, proposal: str = "proposal") -> ArraySubquery:
    """All places of a session in the versions of the days, for :func:`spots`.

    ``proposal`` names the session's id in the outer query.
    """
    places = _of_the_days(event).filter(proposal=OuterRef(proposal))
    last = places.order_by("during", "room", "-schedule__version").distinct("during", "room")
    kept = JSONObject(
        room_id=F("room_id"),
        room_name=F("room__name"),
        starts_at=F("during__startswith"),
        ends_at=F("during__endswith"),
        version=F("schedule__version"),
    )
    return ArraySubquery(last.values_list(kept))


def left(event: Event) -> PlacementQuerySet:
    """Of every session that the versions of the days held, its last place."""
    places = _of_the_days(event).order_by("proposal", "-schedule__version")
    return places.distinct("proposal")


def spots(kept: Iterable[dict]) -> list[Spot]:
    """What :func:`seen` read; the place of the newest version is the last."""
    return [
        Spot(
            room_id=one["room_id"],
            room_name=one["room_name"],
            starts_at=dt.datetime.fromisoformat(one["starts_at"]),
            ends_at=dt.datetime.fromisoformat(one["ends_at"]),
        )
        for one in sorted(kept, key=itemgetter("version"))
    ]


def latest(proposal_id: int, kept: Iterable[dict]) -> Moved | None:
    """How a session came to its place, if that was since the event began; of what :func:`seen`
    read.
    """
    places = spots(kept)
    return Moved(proposal_id, places[-2], places[-1]) if len(places) > 1 else None


def _of_the_days(event: Event) -> PlacementQuerySet:
    morning = dt.datetime.combine(event.starts_on, dt.time.min, event.zone)
    of_the_night = event.schedules.published().filter(published_at__lte=morning)
    first = Coalesce(Subquery(of_the_night.values("version")[:1]), Value(1))
    return Placement.objects.filter(schedule__event=event, schedule__version__gte=first)
