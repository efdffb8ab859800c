"""A new event from an old one: its rooms, slots, mail templates and rules, on other days."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sessions import team
from sessions.models import Event, MailTemplate, Membership, Room, Slot
from speakers.models import User

# What a copy takes over as it is. Its name, address and days are its own, it begins as a draft,
# and whatever people made of the old one stays there.
KEPT = (
    "hashtag",
    "about",
    "place",
    "time_zone",
    "language",
    "comment_policy",
    "interest_counts",
    "asks_confirmation",
    "confirm_reminder_days",
)


@dataclass(frozen=True, slots=True)
class Shift:
    """By whole days on the calendar of a place: ten o'clock stays ten o'clock."""

    days: dt.timedelta
    zone: zoneinfo.ZoneInfo

    def of(self, moment: dt.datetime) -> dt.datetime:
        """In UTC. A time that clocks skip on the new day comes out an hour later, as they show."""
        local = moment.astimezone(self.zone)
        return (
            (local.replace(tzinfo=None, fold=0) + self.days)
            .replace(tzinfo=self.zone)
            .astimezone(dt.UTC)
        )


@transaction.atomic
def copied(
    event: Event,
    *,
    name: str,
    slug: str,
    starts_on: dt.date,
    by: User,
    with_team: bool = False,
) -> Event:
    """A draft whose organiser is ``by``; without any pitch, and without people but the team.

    Nobody is told. Raises ValidationError, by field; the caller's form shows it.
    """
    shift = Shift(starts_on - event.starts_on, event.zone)
    copy = Event(
        name=name,
        slug=slug,
        starts_on=starts_on,
        ends_on=event.ends_on + shift.days,
        pitching_opens_at=event.pitching_opens_at and shift.of(event.pitching_opens_at),
        pitching_closes_at=event.pitching_closes_at and shift.of(event.pitching_closes_at),
        state=Event.State.DRAFT,
        **{field: getattr(event, field) for field in KEPT},
    )
    copy.full_clean()
    copy.save()
    Room.objects.bulk_create(_again(room, copy) for room in event.rooms.order_by("pk"))
    Slot.objects.bulk_create(
        _again(slot, copy, starts_at=shift.of(slot.starts_at), ends_at=shift.of(slot.ends_at))
        for slot in event.slots.order_by("pk")
    )
    MailTemplate.objects.bulk_create(
        _again(template, copy) for template in event.mail_templates.order_by("pk")
    )
    _give_team(event, copy, by=by, whole=with_team)
    return copy


def _again(row: Any, copy: Event, **changed: Any) -> Any:
    """An unsaved row of the same values for another event."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and not field.generated
    }
    return type(row)(**{**kept, "event_id": copy.pk, **changed})


def _give_team(event: Event, copy: Event, *, by: User, whole: bool) -> None:
    others = event.memberships.exclude(user=by).order_by("pk") if whole else ()
    Membership.objects.create(event=copy, user=by, role=Membership.Role.ORGANISER)
    Membership.objects.bulk_create(_again(member, copy) for member in others)
    team.open_desk_to(copy)
