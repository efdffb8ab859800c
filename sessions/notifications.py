"""Mails to hosts. Rows of the queue, written in the caller's transaction."""

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from config.lib import mail
from sessions import confirming, outbox
from sessions.mail_templates import Kind, kind_of
from sessions.models import Proposal, Schedule
from sessions.scheduling import changes
from sessions.scheduling.changes import Added, Moved, Removed
from speakers.models import User


def decided(proposal: Proposal) -> None:
    """Tell every host what the organisers said, in the event's words; needs the event loaded."""
    kind = kind_of(proposal.state, proposal.pitch.event)
    outbox.tell_hosts(proposal, kind, kind=outbox.Kind.DECISION)
    if kind == Kind.ASKED:
        confirming.ask(proposal)


@transaction.atomic
def programme_published(schedule_id: int, *, now: dt.datetime) -> None:
    """Tell the hosts whose sessions a version placed, moved or removed; one mail each, once.

    The version is marked in the same transaction, under its lock: running twice mails once.
    """
    version = (
        Schedule.objects.select_for_update(of=("self",)).select_related("event").get(pk=schedule_id)
    )
    if version.hosts_told_at is not None:
        return
    news = _news_by_host(version)
    with timezone.override(version.event.zone):
        for person, items in news.items():
            mail.send(
                "sessions/programme_changed",
                to=person.email,
                language=person.language,
                context={"event": version.event, "person": person, "news": items},
            )
    version.hosts_told_at = now
    version.save(update_fields=["hosts_told_at"])


def _news_by_host(
    version: Schedule,
) -> dict[User, list[tuple[Proposal, Added | Moved | Removed]]]:
    """What each host has to hear, in the order of the programme; 6 queries.

    Who cancelled, withdrew or merged a session has been told of that already.
    """
    found = list(changes.of_version(version))
    proposals = (
        Proposal.objects.with_pitch().with_hosts().in_bulk([change.proposal_id for change in found])
    )
    news = defaultdict(list)
    for change in found:
        proposal = proposals[change.proposal_id]
        if isinstance(change, Removed) and proposal.state in Proposal.GONE:
            continue
        for host in proposal.pitch.hosts.all():
            news[host.person].append((proposal, change))
    return dict(news)
