"""A card in somebody's hand and the cell that it goes to, however the two were named."""

import datetime as dt
from dataclasses import dataclass

from sessions.models import Placement, Proposal, Room
from sessions.scheduling import moves
from speakers.models import User


@dataclass(frozen=True, slots=True)
class Card:
    """A session, and the state of its place when it was seen or scanned; "" for unplaced."""

    proposal: Proposal
    token: str


@dataclass(frozen=True, slots=True)
class Cell:
    room: Room
    starts_at: dt.datetime


def put(card: Card, to: Cell, *, by: User, now: dt.datetime) -> Placement:
    """Place it, or move it if it has a place; whatever :mod:`moves` refuses is raised."""
    proposal, room, starts_at = card.proposal, to.room, to.starts_at
    if not card.token:
        return moves.place(proposal, room=room, starts_at=starts_at, by=by, now=now)
    return moves.move(proposal, room=room, starts_at=starts_at, expected=card.token, by=by, now=now)
