from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from .event import Event


class Unavailability(models.Model):
    """“I can't then”: a host's half-open time range at an event."""

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="unavailabilities", verbose_name=_("event")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="unavailabilities",
        verbose_name=_("person"),
    )
    during = DateTimeRangeField(_("time"))

    class Meta:
        verbose_name = _("unavailability")
        verbose_name_plural = _("unavailabilities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(during__isempty=False),
                name="unavailability_takes_time",
                violation_error_message=_("The end is before the start."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.during}"
