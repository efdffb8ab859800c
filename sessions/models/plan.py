import datetime as dt
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .event import Event

MAX_SEED = 2**31 - 1


class PlanDraftQuerySet(models.QuerySet["PlanDraft"]):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class PlanDraft(models.Model):
    """What the planner was asked for, and its suggestion as JSON (see ``scheduling.plans``).

    ``seconds`` is what the search may take; the same seed and seconds suggest the same.
    ``last_move`` is the newest move of the draft that the plan knew of, 0 for none.
    """

    class Mode(models.TextChoices):
        FILL = "fill", _("Fill the empty places: everything placed stays.")
        IMPROVE = "improve", _("Improve: all but the pinned and the published may move.")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    event = models.ForeignKey(Event, models.CASCADE, related_name="plans", verbose_name=_("event"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"))
    mode = models.CharField(_("what may move"), max_length=8, choices=Mode, default=Mode.FILL)
    seed = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_SEED)])
    seconds = models.FloatField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    last_move = models.PositiveBigIntegerField(default=0)

    objects = PlanDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="done", result__isnull=False)
                | (~models.Q(state="done") & models.Q(result__isnull=True)),
                name="plan_draft_done_has_result",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.mode} {self.seed}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    def is_overtaken(self) -> bool:
        """Whether anything was moved since; one query."""
        return self.event.moves.after(self.last_move).exists()

    @property
    def next_seed(self) -> int:
        return (self.seed + 1) % (MAX_SEED + 1)

    def percent(self, now: dt.datetime) -> int:
        """How far the search is by its time; it says 99 until there is a result."""
        if self.started_at is None:
            return 0
        elapsed = (now - self.started_at).total_seconds()
        return max(0, min(99, round(100 * elapsed / self.seconds)))
