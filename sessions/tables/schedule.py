"""The draft of the programme as a table: which session is where and when."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from config.lib.forms import CleanCharField
from sessions.imports.paste import ROOM_NAME_MAX
from sessions.models import Placement, Proposal, Room
from sessions.scheduling import moves
from sessions.tables.base import Table, column
from sessions.tables.grids import MomentCell


@dataclass
class PlaceRow:
    session: str = ""
    title: str = ""
    room: str = ""
    starts: dt.datetime | None = None
    minutes: int | None = None
    pinned: bool = False


class YesField(forms.ChoiceField):
    def clean(self, value: str) -> bool:
        return super().clean(value.casefold()) == "yes"


class Places(Table):
    """An empty room and start take a session off the board. A session whose place changes is
    taken off before any gets its new one, so that places can be exchanged.
    """

    slug = "schedule"
    label = gettext_lazy("Programme (draft)")
    required = ("session", "room", "starts")

    session = column("session")
    title = column("title")
    room = column("room", CleanCharField(max_length=ROOM_NAME_MAX, required=False))
    starts = column("starts", forms.DateTimeField(required=False), cell=MomentCell)
    minutes = column("minutes")
    pinned = column(
        "pinned", YesField(choices=[("yes", "yes"), ("no", "no"), ("", "")], required=False)
    )

    def rows(self) -> Iterator[PlaceRow]:
        """Two queries."""
        return map(_row, self._proposals())

    def _proposals(self) -> list[Any]:
        places = Placement.objects.in_draft_of(self.event).select_related("room")
        return list(
            Proposal.objects.for_board_of(self.event)
            .with_pitch()
            .prefetch_related(Prefetch("placements", places, to_attr="in_draft"))
            .order_by("pk")
        )

    def blank(self) -> PlaceRow:
        return PlaceRow()

    def find(self, row: dict[str, str]) -> PlaceRow:
        self.once("session", row["session"])
        if row["session"] not in self.stored:
            said = _("There is no “%(id)s” in this event.") % {"id": row["session"][:20]}
            raise ValidationError({"session": said})
        return _row(self.stored[row["session"]])

    def before_import(self, dataset: Dataset, **kwargs: object) -> None:
        """Take off whatever is to be elsewhere and is not pinned."""
        self.stored: dict[str, Any] = {proposal.code: proposal for proposal in self._proposals()}
        self.rooms = {room.name.casefold(): room for room in self.event.rooms.all()}
        for row in dataset.dict:
            proposal = self.stored.get(row["session"])
            place = proposal.in_draft[0] if proposal and proposal.in_draft else None
            if proposal and place and not place.pinned and not _is_at(place, row, self.fields):
                moves.unplace(proposal, expected=place.token, by=self.by, now=self.now)

    def write(self, row: PlaceRow, *, is_new: bool) -> None:
        proposal = self.stored[row.session]
        if bool(row.room) != bool(row.starts):
            raise ValidationError({"room": _("A place is a room and a start, or neither.")})
        room = self.rooms.get(row.room.casefold())
        if row.room and room is None:
            raise ValidationError({"room": _("There is no such room.")})
        try:
            self._place(proposal, row, room)
        except moves.Refused as error:
            raise ValidationError({"room": str(error)}) from error

    def _place(self, proposal: Any, row: PlaceRow, room: Room | None) -> None:
        done = {"by": self.by, "now": self.now}
        place = Placement.objects.in_draft_of(self.event).filter(proposal=proposal).first()
        before = proposal.in_draft[0] if proposal.in_draft else None
        stays = place and room == place.room and row.starts == place.during.lower
        if place and place.pinned and not stays:
            raise moves.Pinned(proposal)
        if room is None or row.starts is None:
            if row.pinned:
                raise ValidationError({"pinned": _("Only what has a place can be pinned.")})
            return
        if place is None:
            place = moves.place(proposal, room=room, starts_at=row.starts, **done)
        if row.pinned and not place.pinned:
            moves.pin(proposal, expected=place.token, **done)
        elif before and before.pinned and not row.pinned:
            moves.unpin(proposal, expected=place.token, **done)


def _is_at(place: Placement, row: dict[str, str], fields: dict) -> bool:
    shown = _row_of(place)
    try:
        starts = fields["starts"].clean(row)
    except ValueError:
        return True  # nothing moves: the row is refused
    return (row["room"].casefold(), starts) == (shown.room.casefold(), shown.starts)


def _row_of(place: Placement) -> PlaceRow:
    return PlaceRow(room=place.room.name, starts=place.during.lower, pinned=place.pinned)


def _row(proposal: Any) -> PlaceRow:
    row = _row_of(proposal.in_draft[0]) if proposal.in_draft else PlaceRow()
    row.session, row.title, row.minutes = proposal.code, proposal.heading, proposal.minutes
    return row
