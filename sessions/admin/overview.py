"""The first page of the desk: what waits in each event."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.http import HttpRequest

from sessions.admin.reach import reach
from sessions.models import Event


@dataclass(frozen=True)
class Fact:
    """“3 sessions to decide”, and where one sees them if anywhere. ``label`` holds the number."""

    number: int
    label: str
    url: str = ""


@dataclass
class EventDesk:
    event: Event
    organises: bool
    facts: list[Fact] = field(default_factory=list)


def desks(site, request: HttpRequest, *, now: dt.datetime) -> list[EventDesk]:
    """Every event within reach, the coming ones first, then the past ones, the newest first.

    Each registered model may say ``facts(request, events, now)``, a list of (event id, Fact).
    """
    mine = reach(request)
    events = list(mine.of_events(moderating=True))
    facts: dict[int, list[Fact]] = defaultdict(list)
    for desk in site._registry.values():
        if hasattr(desk, "facts") and desk.has_view_permission(request):
            for event_id, fact in desk.facts(request, events, now):
                facts[event_id].append(fact)
    coming = [event for event in events if not event.is_over(now)]
    past = [event for event in reversed(events) if event.is_over(now)]
    return [
        EventDesk(event=event, organises=mine.covers(event.pk), facts=facts[event.pk])
        for event in (*coming, *past)
    ]
