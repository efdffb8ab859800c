"""Mails about a new programme: to hosts, and to whoever wanted a session that it concerns.

Several versions that nobody has been told of are told as one, by what came out of them: in live
mode a session that went to and fro bothers nobody. That a session takes place no more is public
at once and told at once; what becomes of its place after that concerns nobody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from config.lib import mail
from sessions import outbox, programmes, quiet
from sessions.models import Event, Interest, Proposal, QuietReader, Schedule
from sessions.scheduling import changes
from sessions.scheduling.changes import Added, Moved, Removed
from speakers.models import User

Change = Added | Moved | Removed


@dataclass
class News:
    """What one person has to hear, in the order of the programme."""

    own: list[tuple[Proposal, Change]] = field(default_factory=list)
    wanted: list[tuple[Proposal, Change]] = field(default_factory=list)


@transaction.atomic
def tell(schedule_id: int, *, now: dt.datetime) -> None:
    """Tell of a version and of what else nobody has been told of yet; one mail each, once.

    The versions are marked in the same transaction, under their locks: running twice mails once.
    """
    event = Event.objects.get(schedules=schedule_id)
    untold = list(event.schedules.untold().select_for_update(no_key=True))
    if not untold:
        return
    before = Schedule.objects.before(untold[0]).first()
    found = list(changes.difference(changes.spots_in(before), changes.spots_in(untold[-1])))
    with timezone.override(event.zone):
        for person, news in _by_person(event, found).items():
            _send(event, person, news)
    event.schedules.filter(pk__in=[version.pk for version in untold]).update(told_at=now)


def tell_of_end(proposal: Proposal) -> None:
    """Let whoever wanted a session hear that it takes place no more, in the caller's transaction.

    Its hosts know. Nobody waits for what is over or has no place in the public programme.
    """
    placed = Proposal.objects.filter(pk=proposal.pk).with_pitch().with_hosts().with_place()
    row = placed.filter(ends_at__gt=Now()).first()  # type: ignore[misc]  # of with_place()
    if row is None or not programmes.is_shown(row.pitch):
        return
    event = row.pitch.event
    leading = {host.person_id for host in row.pitch.hosts.all()}
    with timezone.override(event.zone):
        for person in _wanting(event, [row.pk])[row.pk]:
            if person.pk not in leading:
                context = {"event": event, "person": person, "proposal": row}
                less = quiet.Link(person.pk, event)
                _queue("session_ended", event, person, context=context, less=less)


def _by_person(event: Event, found: Iterable[Change]) -> dict[User, News]:
    """4 queries. Of a session that is cancelled, withdrawn or merged everybody has heard."""
    ids = [change.proposal_id for change in found]
    proposals = Proposal.objects.with_pitch().with_hosts().in_bulk(ids)
    reachable = User.objects.reachable()
    able = set(reachable.filter(hosting__pitch__proposals__in=ids).values_list("pk", flat=True))
    wanting = _wanting(event, ids)
    news: dict[User, News] = defaultdict(News)
    for change in found:
        proposal = proposals[change.proposal_id]
        if proposal.state in Proposal.GONE:
            continue
        hosts = {host.person for host in proposal.pitch.hosts.all()}
        for person in sorted(hosts, key=lambda host: host.pk):
            if person.pk in able:
                news[person].own.append((proposal, change))
        if programmes.is_shown(proposal.pitch):
            for person in wanting[proposal.pk]:
                if person not in hosts:
                    news[person].wanted.append((proposal, change))
    return dict(news)


def _wanting(event: Event, proposal_ids: Iterable[int]) -> dict[int, list[User]]:
    """Accounts that want these sessions, can be reached, and have not asked for quiet."""
    interests = (
        Interest.objects.filter(proposal__in=proposal_ids, user__in=User.objects.reachable())
        .exclude(user__in=QuietReader.objects.filter(event=event).values("user"))
        .select_related("user__profile")
        .order_by("user")
    )
    wanting = defaultdict(list)
    for interest in interests:
        if interest.user is not None:
            wanting[interest.proposal_id].append(interest.user)
    return wanting


def _send(event: Event, person: User, news: News) -> None:
    context = {"event": event, "person": person, "own": news.own, "wanted": news.wanted}
    less = quiet.Link(person.pk, event) if news.wanted else None
    _queue("programme_changed", event, person, context=context, less=less)


def _queue(
    name: str, event: Event, person: User, *, context: dict[str, Any], less: quiet.Link | None
) -> None:
    email = mail.send(
        f"sessions/{name}",
        to=person.email,
        language=person.language,
        context={**context, "unsubscribe_url": less.url if less else ""},
        headers=less.headers if less else None,
    )
    outbox.keep(event, email, kind=outbox.Kind.PROGRAMME)
