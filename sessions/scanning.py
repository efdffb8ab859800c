"""Scanning a card and then a place of the grid puts the session there.

Codes are the addresses that paper carries, or what is left of them when somebody types: the
six letters of a card, a room's address and a start.
"""

import datetime as dt
import re
from collections.abc import Iterator

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from config.lib.codes import ALPHABET, LENGTH
from sessions.models import Event, Placement, Proposal
from sessions.paper import CELL_START
from sessions.scheduling.cards import Card, Cell

HELD_FOR = dt.timedelta(minutes=30)
CARD = re.compile(rf"(?:\S*/s/)?(?P<code>[{ALPHABET}]{{{LENGTH}}})/?")
CELL = re.compile(r"(?:\S*/cells/)?(?P<room>[a-z0-9-]{1,60})/(?P<start>\d{8}t\d{4})/?", re.ASCII)


class Unknown(Exception):
    """What was scanned is no card and no place of this event."""

    def __init__(self, code: str) -> None:
        self.code = code[:80]
        super().__init__(code)

    def __str__(self) -> str:
        return _("“%(code)s” is neither a card nor a place of this event.") % {"code": self.code}


class NothingHeld(Exception):
    """A place was scanned before a card, or too long after it."""

    def __str__(self) -> str:
        return _("Scan a card first, then its place.")


def read(event: Event, text: str) -> Iterator[Card | Cell]:
    """What was scanned, in order. Raises :class:`Unknown` at what it does not know."""
    for scanned in text.split():
        lowered = scanned.lower()
        if match := CARD.fullmatch(lowered):
            yield card(event, match["code"])
        elif match := CELL.fullmatch(lowered):
            yield spot(event, match["room"], match["start"])
        else:
            raise Unknown(scanned)


def card(event: Event, code: str) -> Card:
    """Raises :class:`Unknown`; 2 queries."""
    sessions = Proposal.objects.of_event(event).public().with_pitch()
    proposal = sessions.filter(code=code).first()
    if proposal is None:
        raise Unknown(code)
    place = Placement.objects.in_draft_of(event).filter(proposal=proposal).first()
    return Card(proposal, place.token if place else "")


def spot(event: Event, room: str, start: str) -> Cell:
    """Raises :class:`Unknown`."""
    found = event.rooms.filter(slug=room).first()
    try:
        starts_at = dt.datetime.strptime(start.upper(), CELL_START).replace(tzinfo=dt.UTC)
    except ValueError as error:
        raise Unknown(f"{room}/{start}") from error
    if found is None:
        raise Unknown(f"{room}/{start}")
    return Cell(found, starts_at)


def code(spot: Cell) -> str:
    """What a place's paper says, without the site."""
    return f"{spot.room.slug}/{spot.starts_at.astimezone(dt.UTC).strftime(CELL_START)}"


def in_the_way(card: Card, spot: Cell) -> Placement | None:
    """What a card could be swapped with: the only other session in the time that it needs."""
    ends_at = spot.starts_at + dt.timedelta(minutes=card.proposal.minutes)
    during = DateTimeTZRange(spot.starts_at, ends_at, "[)")
    others = (
        Placement.objects.in_draft_of(card.proposal.pitch.event)
        .overlapping(spot.room, during)
        .exclude(proposal=card.proposal)
        .select_related("proposal__pitch", "room")[:2]
    )
    return others[0] if len(others) == 1 else None
