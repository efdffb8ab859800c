import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from speakers.models import User

from .event import Event
from .move import Move
from .room import Slot


class DelayQuerySet(models.QuerySet["Delay"]):
    def of(self, user: User, event: Event) -> Self:
        return self.filter(by=user, event=event)

    def without_sessions(self) -> Self:
        """Those that only slots followed: nothing but the row itself tells that they were."""
        return self.exclude(Exists(Move.objects.filter(step=OuterRef("step"))))


class Delay(models.Model):
    """A day that went on later (or earlier) than planned from ``since`` on.

    ``slots`` are the ids of the slots that moved along; ``shortened`` is the break that made up
    for it, so that the plan held again after it. The sessions that moved are the :class:`Move`
    rows of the same ``step``; what takes them back takes the slots back, too. ``undone_at`` is
    set while that is so.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="delays", verbose_name=_("event"))
    step = models.UUIDField(default=uuid.uuid4, unique=True)
    since = models.DateTimeField(_("from"))
    minutes = models.SmallIntegerField(_("minutes"))
    slots = models.JSONField(default=list)
    shortened = models.ForeignKey(
        Slot, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("slot")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = DelayQuerySet.as_manager()

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")

    def __str__(self) -> str:
        return f"{self.event} · {self.since:%Y-%m-%d %H:%M} {self.minutes:+d} min"
