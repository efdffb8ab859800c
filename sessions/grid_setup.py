"""Rooms and slots of an event from pasted rows: what exists is kept, nothing is doubled."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Max

from config.lib.text import slugify
from sessions.imports.paste import RoomRow, SlotRow
from sessions.models import Event, Room, Slot


def add_rooms(event: Event, rows: Iterable[RoomRow]) -> int:
    """Add the rooms whose names are new, behind the existing ones; returns how many.

    The caller's transaction ends with IntegrityError if another one adds the same room.
    """
    names = {name.casefold() for name in event.rooms.values_list("name", flat=True)}
    slugs = set(event.rooms.values_list("slug", flat=True))
    last = event.rooms.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    added = 0
    for row in rows:
        if row.name.casefold() in names:
            continue
        slug = _free_slug(row.name, slugs)
        slugs.add(slug)
        Room.objects.create(
            event=event, name=row.name, slug=slug, capacity=row.capacity, position=position + added
        )
        added += 1
    return added


def _free_slug(name: str, taken: set[str]) -> str:
    base = slugify(name, 54) or "room"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def add_slots(event: Event, rows: Iterable[SlotRow]) -> int:
    """Add the slots whose times are new; returns how many. As :func:`add_rooms` with others."""
    existing = set(event.slots.values_list("starts_at", "ends_at"))
    new = [
        Slot(
            event=event,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            kind=row.kind,
            title=row.title,
        )
        for row in rows
        if (row.starts_at, row.ends_at) not in existing
    ]
    return len(Slot.objects.bulk_create(new))


def write_room(
    event: Event,
    room: Room | None,
    *,
    name: str,
    capacity: int | None,
    features: Sequence[str],
    position: int | None,
) -> None:
    """Change a room, or add one; no ``position`` keeps it, or is behind the others.

    Raises ValidationError.
    """
    if room is None:
        add_rooms(event, [RoomRow(0, name, capacity)])
        room = event.rooms.get(name=name)
    room.name, room.capacity, room.features = name, capacity, list(features)
    room.position = room.position if position is None else position
    room.full_clean()
    room.save()


def write_slot(event: Event, slot: Slot | None, **values: Any) -> None:
    """Change a slot, or add one. Raises ValidationError."""
    slot = slot or Slot(event=event)
    for name, value in values.items():
        setattr(slot, name, value)
    slot.full_clean()
    slot.save()
