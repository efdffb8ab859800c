"""Rooms and slots as tables."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.forms import CleanCharField
from sessions import grid_setup
from sessions.imports.paste import CAPACITY_MAX, ROOM_NAME_MAX, SLOT_TITLE_MAX
from sessions.models import Room, Slot
from sessions.tables.base import Cell, Table, column

LONGEST_ID = 18  # digits that fit a bigint
FEATURES_MAX = 500
POSITION_MAX = 1_000

Stored = TypeVar("Stored", Room, Slot)


class FeaturesField(CleanCharField):
    """Separated by commas."""

    def clean(self, value: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in super().clean(value).split(",") if part.strip())


class MomentCell(Cell):
    """Date and time at the event's place: 2026-11-09 10:00."""

    def render(self, value: dt.datetime | None, obj: Any = None, **kwargs: Any) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


def by_id(rows: list[Stored], typed: str) -> Stored:
    """Raises ValidationError for what is not of the event."""
    for row in rows:
        if str(row.pk) == typed:
            return row
    raise ValidationError({"id": _("There is no “%(id)s” in this event.") % {"id": typed[:20]}})


@dataclass
class RoomRow:
    id: int | None = None
    name: str = ""
    places: int | None = None
    has: tuple[str, ...] = ()
    position: int | None = None


class Rooms(Table):
    slug = "rooms"
    label = gettext_lazy("Rooms")
    required = ("name",)

    id = column("id")
    name = column("name", CleanCharField(max_length=ROOM_NAME_MAX))
    places = column(
        "places", forms.IntegerField(min_value=1, max_value=CAPACITY_MAX, required=False)
    )
    has = column("has", FeaturesField(max_length=FEATURES_MAX, required=False))
    position = column(
        "position", forms.IntegerField(min_value=0, max_value=POSITION_MAX, required=False)
    )

    def rows(self) -> Iterator[RoomRow]:
        return map(_room_row, self.event.rooms.order_by("position", "pk"))

    def blank(self) -> RoomRow:
        return RoomRow()

    def find(self, row: dict[str, str]) -> RoomRow | None:
        rooms = list(self.event.rooms.all())
        found: Room | None
        if row.get("id"):
            found = by_id(rooms, row["id"])
        else:
            named = row["name"].strip().casefold()
            found = next((room for room in rooms if room.name.casefold() == named), None)
        self.once("name", row["name"].strip().casefold(), found.pk if found else None)
        return _room_row(found) if found else None

    def write(self, row: RoomRow, *, is_new: bool) -> None:
        room = None if row.id is None else self.event.rooms.get(pk=row.id)
        grid_setup.write_room(
            self.event,
            room,
            name=row.name,
            capacity=row.places,
            features=row.has,
            position=row.position,
        )


def _room_row(room: Room) -> RoomRow:
    return RoomRow(room.pk, room.name, room.capacity, tuple(room.features), room.position)


@dataclass
class SlotRow:
    id: int | None = None
    starts: dt.datetime | None = None
    ends: dt.datetime | None = None
    kind: str = ""
    title: str = ""


class Slots(Table):
    slug = "slots"
    label = gettext_lazy("Slots")
    required = ("starts", "ends")

    id = column("id")
    starts = column("starts", forms.DateTimeField(), cell=MomentCell)
    ends = column("ends", forms.DateTimeField(), cell=MomentCell)
    kind = column("kind", forms.ChoiceField(choices=Slot.Kind.choices))
    title = column("title", CleanCharField(max_length=SLOT_TITLE_MAX, required=False))

    def rows(self) -> Iterator[SlotRow]:
        return map(_slot_row, self.event.slots.chronological())

    def blank(self) -> SlotRow:
        return SlotRow(kind=Slot.Kind.SESSIONS.value)

    def find(self, row: dict[str, str]) -> SlotRow | None:
        slots = list(self.event.slots.all())
        found: Slot | None
        if row.get("id"):
            found = by_id(slots, row["id"])
        else:
            starts = self.read("starts", row)
            found = next((slot for slot in slots if slot.starts_at == starts), None)
        self.once("starts", self.read("starts", row), found.pk if found else None)
        return _slot_row(found) if found else None

    def write(self, row: SlotRow, *, is_new: bool) -> None:
        days = [timezone.localtime(row.starts).date(), timezone.localtime(row.ends).date()]
        # The last evening may end after midnight.
        latest = self.event.ends_on + dt.timedelta(days=1)
        if not self.event.starts_on <= days[0] <= self.event.ends_on or days[1] > latest:
            raise ValidationError({"starts": _("This is not a day of the event.")})
        slot = None if row.id is None else self.event.slots.get(pk=row.id)
        grid_setup.write_slot(
            self.event,
            slot,
            starts_at=row.starts,
            ends_at=row.ends,
            kind=row.kind,
            title=row.title,
        )


def _slot_row(slot: Slot) -> SlotRow:
    return SlotRow(slot.pk, slot.starts_at, slot.ends_at, slot.kind, slot.title)
