from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .event import Event


class QuietReader(models.Model):
    """Somebody who wants no mail when a session that interests them gets another place."""

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="quiet_readers", verbose_name=_("event")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("reader without mails")
        verbose_name_plural = _("readers without mails")
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="quiet_reader_once_per_event")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.event}"
