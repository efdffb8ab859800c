import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .event import Event


class Delay(models.Model):
    """A day that went on later (or earlier) than planned from ``since`` on.

    ``slots`` are the ids of the slots that moved along. The sessions that did are the
    :class:`Move` rows of the same ``step``; what takes them back takes the slots back, too.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="delays", verbose_name=_("event"))
    step = models.UUIDField(default=uuid.uuid4, unique=True)
    since = models.DateTimeField(_("from"))
    minutes = models.SmallIntegerField(_("minutes"))
    slots = models.JSONField(default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")

    def __str__(self) -> str:
        return f"{self.event} · {self.since:%Y-%m-%d %H:%M} {self.minutes:+d} min"
