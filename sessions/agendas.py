"""One reader's event: the sessions that interest them in order of time, and what they host."""

import datetime as dt
from dataclasses import dataclass

from sessions.access import Viewer
from sessions.interests import Marks
from sessions.models import Event, Pitch, Proposal


@dataclass(frozen=True)
class Agenda:
    """``rounds``: (start, sessions that begin together) as published; ``unplaced``: the rest."""

    rounds: list[tuple[dt.datetime, list[Proposal]]]
    unplaced: list[Proposal]

    @property
    def count(self) -> int:
        return len(self.unplaced) + sum(len(sessions) for _start, sessions in self.rounds)


def of(event: Event, marks: Marks) -> Agenda:
    """Two queries, none for a reader without interests."""
    if not marks.wanted:
        return Agenda([], [])
    wanted = (
        Proposal.objects.of_event(event)  # type: ignore[misc]  # starts_at is of with_place()
        .public()
        .filter(pk__in=marks.wanted)
        .with_place()
        .with_pitch()
        .with_hosts()
        .defer("search", "abstract", "pitch__search", "pitch__body")
        .order_by("starts_at", "pitch__title", "position")
    )
    rounds: dict[dt.datetime, list[Proposal]] = {}
    unplaced = []
    for proposal in wanted:
        if proposal.starts_at and proposal.state in Proposal.SCHEDULABLE:
            rounds.setdefault(proposal.starts_at, []).append(proposal)
        else:
            unplaced.append(proposal)
    return Agenda(list(rounds.items()), unplaced)


def pitches(event: Event, user: Viewer) -> list[Pitch]:
    """What ``user`` hosts, drafts and withdrawn ones included, the newest first; two queries."""
    if not user.is_authenticated:
        return []
    mine = event.pitches.hosted_by(user).defer("search", "body").prefetch_related("proposals")
    return list(mine.order_by("-created_at", "-pk"))
