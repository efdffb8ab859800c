from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .event import Event
from .pitch import Pitch


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> Self:
        return self.filter(undone_at__isnull=True)

    def of(self, pitch: Pitch) -> Self:
        """What still holds of one pitch, the newest first, with both pitches."""
        mine = self.standing().filter(Q(source=pitch) | Q(target=pitch))
        return mine.select_related("source", "target").order_by("-at", "-pk")


class Merge(models.Model):
    """Two pitches that became one: ``source`` hangs on the wall as ``target`` until it is undone.

    ``moved`` says what that changed, by ids, so that exactly this can be brought back: no word of
    anybody stands in it. :mod:`sessions.merging` and :mod:`comments.merging` write it.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="merges", verbose_name=_("event"))
    source = models.ForeignKey(
        Pitch, models.CASCADE, related_name="merges_away", verbose_name=_("pitch")
    )
    target = models.ForeignKey(Pitch, models.CASCADE, related_name="merges", verbose_name=_("into"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    moved = models.JSONField(default=dict)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of pitches")
        verbose_name_plural = _("merges of pitches")
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at__isnull=True), name="merge_one_standing"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
