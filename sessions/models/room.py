from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from config.lib.history import tracked
from config.lib.text import slugify

from .event import Event
from .versioning import OF_EVENT, BumpsVersion


def features_field(label: Any) -> ArrayField:
    """What a room has and a session needs: "Beamer", "step-free"; compared ignoring case."""
    return ArrayField(
        models.CharField(max_length=40),
        verbose_name=label,
        default=list,
        blank=True,
        size=12,
        help_text=_("With commas: projector, step-free."),
    )


class SameId(Func):
    """A range of one id: lets a GiST exclusion compare ids without the btree_gist extension."""

    function = "int8range"

    def __init__(self, field: str, **extra: Any):
        super().__init__(F(field), F(field), Value("[]"), **extra)


class During(Func):
    """``[start, end)`` of two columns."""

    function = "tstzrange"


@tracked()
class Room(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="rooms", verbose_name=_("event"))
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(_("address"), max_length=60, editable=False)
    capacity = models.PositiveIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    features = features_field(_("has"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "name"],
                name="room_name_once_per_event",
                violation_error_message=_("There is a room of this name already."),
            ),
            models.UniqueConstraint(fields=["event", "slug"], name="room_slug_once_per_event"),
        ]
        triggers = [BumpsVersion(events=OF_EVENT)]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or slugify(self.name) or f"room-{self.position}"
        super().save(*args, **kwargs)


class SlotQuerySet(models.QuerySet["Slot"]):
    def chronological(self) -> Self:
        return self.order_by("starts_at")


@tracked()
class Slot(models.Model):
    """A time band of the whole event, half-open: it ends when the next may begin."""

    class Kind(models.TextChoices):
        SESSIONS = "sessions", _("sessions")
        BREAK = "break", _("break")
        PLENARY = "plenary", _("plenary")

    event = models.ForeignKey(Event, models.CASCADE, related_name="slots", verbose_name=_("event"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SESSIONS)
    title = models.CharField(
        _("title"), max_length=80, blank=True, help_text=_("Shown for a break or a plenary.")
    )

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="slot_ends_after_it_starts",
                violation_error_message=_("The slot ends before it starts."),
            ),
            ExclusionConstraint(
                name="slots_of_an_event_do_not_overlap",
                expressions=[
                    (SameId("event_id"), RangeOperators.OVERLAPS),
                    (During("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                # At the end of a statement, so that a whole day can be shifted by one.
                deferrable=models.Deferrable.IMMEDIATE,
                violation_error_message=_("There is a slot at this time already."),
            ),
        ]
        triggers = [BumpsVersion(events=OF_EVENT)]

    def __str__(self) -> str:
        start, end = (time.astimezone(self.event.zone) for time in (self.starts_at, self.ends_at))
        return f"{start:%d.%m. %H:%M}–{end:%H:%M}"
