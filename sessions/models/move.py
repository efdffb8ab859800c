import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from speakers.models import User

from .event import Event
from .proposal import Proposal
from .schedule import Placement


class MoveQuerySet(models.QuerySet["Move"]):
    def own(self) -> Self:
        """What somebody did by themselves: neither an undoing nor a doing again."""
        return self.exclude(kind__in=Move.BACK_AND_FORTH)

    def of(self, user: User, event: Event) -> Self:
        return self.filter(by=user, event=event)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")

    def after(self, pk: int) -> Self:
        """What happened since the newest move that a page knows of."""
        return self.filter(pk__gt=pk)


class Move(models.Model):
    """A change of the draft: who put which session where, and when.

    Rows with the same ``step`` were one action (a swap, a plan taken over) and are undone
    together. ``before`` and ``after`` are places as :func:`spot` writes them, or None for "beside
    the grid". ``undone_at`` is set while the action is undone.
    """

    class Kind(models.TextChoices):
        PLACED = "placed", _("placed")
        MOVED = "moved", _("moved")
        SWAPPED = "swapped", _("swapped")
        UNPLACED = "unplaced", _("taken off")
        PINNED = "pinned", _("pinned")
        UNPINNED = "unpinned", _("unpinned")
        PLANNED = "planned", _("placed by the planner")
        DELAYED = "delayed", _("delayed")
        UNDONE = "undone", _("undone")
        REDONE = "redone", _("done again")

    BACK_AND_FORTH = frozenset({Kind.UNDONE, Kind.REDONE})

    event = models.ForeignKey(Event, models.CASCADE, related_name="moves", verbose_name=_("event"))
    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="moves", verbose_name=_("session")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    step = models.UUIDField(default=uuid.uuid4, db_index=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        indexes = [models.Index(fields=["event", "-at"], name="move_of_event")]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.kind}"


def spot(placement: Placement) -> dict[str, Any]:
    """A place as moves keep it: enough to say it in words and to go back to it.

    Needs ``room`` loaded.
    """
    return {
        "room": placement.room_id,
        "room_name": placement.room.name,
        "starts_at": placement.during.lower.isoformat(),
        "ends_at": placement.during.upper.isoformat(),
        "pinned": placement.pinned,
    }


def during_of(kept: dict[str, Any]) -> DateTimeTZRange:
    """The half-open time of a kept place."""
    start, end = (dt.datetime.fromisoformat(kept[key]) for key in ("starts_at", "ends_at"))
    return DateTimeTZRange(start, end, "[)")
