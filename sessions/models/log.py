from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.history import tracked

from .event import Event
from .pitch import Pitch
from .proposal import Proposal


class LogEntry(models.Model):
    """Who did what to a pitch, a session or a programme, in the organisers' words."""

    class Action(models.TextChoices):
        PUBLISHED = "published", _("published")
        EDITED = "edited", _("edited")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REOPENED = "reopened", _("reopened")
        HIDDEN = "hidden", _("hidden")
        SHOWN = "shown", _("shown again")
        DECIDED = "decided", _("decided")
        MERGED = "merged", _("merged")
        PARTED = "parted", _("merge undone")
        PROGRAMME_PUBLISHED = "programme", _("programme published")

    # What takes a pitch and its sessions away, or brings them back.
    TURNS = frozenset(
        {
            Action.WITHDRAWN,
            Action.REOPENED,
            Action.HIDDEN,
            Action.SHOWN,
            Action.MERGED,
            Action.PARTED,
        }
    )

    event = models.ForeignKey(Event, models.CASCADE, related_name="log", verbose_name=_("event"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    action = models.CharField(_("what"), max_length=12, choices=Action)
    pitch = models.ForeignKey(
        Pitch, models.CASCADE, null=True, related_name="log", verbose_name=_("pitch")
    )
    proposal = models.ForeignKey(
        Proposal, models.CASCADE, null=True, related_name="log", verbose_name=_("session")
    )
    details = models.JSONField(_("details"), default=dict, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_action_display()}"


@tracked()
class OrganiserNote(models.Model):
    """What organisers tell each other about a pitch. Never public."""

    pitch = models.ForeignKey(Pitch, models.CASCADE, related_name="notes", verbose_name=_("pitch"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("who"),
    )
    text = models.TextField(_("note"), max_length=5_000)
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")

    def __str__(self) -> str:
        return self.text[:60]
