"""A session that somebody proposes on the day: pitched, accepted and placed in one step."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from sessions import decisions, pitching
from sessions.content import Content, ProposalContent
from sessions.models import Event, Placement, Proposal, Room
from sessions.scheduling import grid, moves
from sessions.scheduling.grid import Grid, Slot
from speakers.models import User


@dataclass(frozen=True, slots=True)
class FreeCell:
    """A whole slot of a room that nobody has taken."""

    room: grid.Room
    slot: Slot

    @property
    def value(self) -> str:
        """As the form sends it back, see :class:`sessions.forms.board.SpotField`."""
        return f"{self.room.id}@{self.slot.span.starts_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M}"

    @property
    def minutes(self) -> int:
        span = self.slot.span
        return int((span.ends_at - span.starts_at).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Idea:
    """What is typed. ``owner`` leads the session unless ``host`` does, somebody without an account,
    who is only a name in the text.
    """

    title: str
    owner: User
    host: str = ""
    about: str = ""
    format: str = Proposal.Format.IMPULS.value
    minutes: int = 45


def free_cells(board: Grid, *, now: dt.datetime) -> Iterator[FreeCell]:
    """By time and room, those that are not over. Pure."""
    for slot in board.slots:
        if slot.takes_sessions and slot.span.ends_at > now:
            for room in board.rooms:
                if not board.in_cell(slot, room):
                    yield FreeCell(room, slot)


@transaction.atomic
def propose(
    event: Event, idea: Idea, *, room: Room, starts_at: dt.datetime, by: User, now: dt.datetime
) -> Placement:
    """On the wall, accepted and on the board, all or nothing; in live mode public at once.

    The host hears of it once, with the programme. Raises :class:`moves.Refused`.
    """
    pitch = pitching.create(event, by=idea.owner, content=_content(event, idea), now=now)
    if idea.host:
        # Whoever types this in for others can do so for every room of a slot.
        pitch.hosts.all().delete()
    pitching.publish(pitch, by=by, now=now, anytime=True)
    proposal = Proposal.objects.with_pitch().get(pitch=pitch)
    decisions.prepare(proposal, Proposal.State.ACCEPTED, by=by)
    accepted = decisions.carry_out(proposal, Proposal.State.ACCEPTED, by=by)
    return moves.place(accepted, room=room, starts_at=starts_at, by=by, now=now)


def _content(event: Event, idea: Idea) -> Content:
    with translation.override(event.language):
        body = idea.about or _("Proposed on the spot.")
        if idea.host:
            body = _("With %(name)s.") % {"name": idea.host} + f"\n\n{body}"
    session = ProposalContent(format=idea.format, minutes=idea.minutes)
    return Content(idea.title, body, event.language, proposals=(session,))
