"""What the organisers of the demo have made of its sessions so far: votes, and first decisions."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from typing import Any

from config.demo.people import Crowd
from config.demo.programme import hung_at
from sessions import decisions
from sessions.models import Event, Membership, Proposal, Vote
from speakers.models import User

VOTED_AFTER = dt.timedelta(hours=3)
SHARE_OF_TEAM, SHARE_OF_ORGANISER = 0.7, 0.4  # of the sessions; the others wait for their vote
OPINIONS = [Vote.Value.FOR] * 5 + [Vote.Value.NEITHER] * 2 + [Vote.Value.AGAINST] * 2


def load(
    event: Event, described: dict[str, Any], pitches: dict[str, dict[str, Any]], *, crowd: Crowd
) -> None:
    """``team`` organises it besides; its first member has prepared what pitches name."""
    team = [crowd.by_key[key] for key in described.get("team", [])]
    if not team:
        return
    for user in team:
        Membership.objects.create(event=event, user=user, role=Membership.Role.ORGANISER)
    User.objects.filter(pk__in=[user.pk for user in team]).update(is_staff=True)
    hanging = Proposal.objects.of_event(event).on_the_wall().with_pitch().order_by("pk")
    for person in (*team, crowd.organiser):
        share = SHARE_OF_TEAM if person in team else SHARE_OF_ORGANISER
        Vote.objects.bulk_create(_votes(hanging, person, share=share))
    prepared = {pitch["title"]: pitch.get("prepared", "") for pitch in pitches.values()}
    for proposal in hanging:
        if state := prepared[proposal.pitch.title]:
            decisions.prepare(proposal, state, by=team[0])


def _votes(proposals: Iterable[Proposal], person: User, *, share: float) -> Iterator[Vote]:
    chance = random.Random(person.email)
    for proposal in proposals:
        if chance.random() < share:
            value = chance.choice(OPINIONS)
            at = hung_at(proposal.pitch) + VOTED_AFTER
            yield Vote(proposal=proposal, organiser=person, value=value, at=at)
