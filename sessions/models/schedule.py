from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.history import tracked

from .event import Event
from .proposal import Proposal
from .room import Room, SameId
from .versioning import BumpsVersion


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def drafts(self) -> Self:
        return self.filter(version__isnull=True)

    def published(self) -> Self:
        """Frozen versions, the newest first."""
        return self.filter(version__isnull=False).order_by("-version")

    def untold(self) -> Self:
        """Frozen versions of which no mail has told, the oldest first."""
        return self.filter(version__isnull=False, told_at=None).order_by("version")

    def before(self, schedule: "Schedule") -> Self:
        """Versions of the same event that a published one replaced, the newest first."""
        return self.published().filter(event=schedule.event_id, version__lt=schedule.version)


class Schedule(models.Model):
    """The working draft of an event (``version`` is null) or one frozen, numbered version."""

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="schedules", verbose_name=_("event")
    )
    version = models.PositiveIntegerField(_("version"), null=True, blank=True, editable=False)
    changelog = models.TextField(_("what is new"), blank=True, max_length=2_000)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    # Made by a move in live mode, with a changelog that only says what the difference says.
    is_automatic = models.BooleanField(default=False, editable=False)
    # Set in the transaction that queues the mails, so that a repeated task mails nobody.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["event"], condition=Q(version__isnull=True), name="schedule_one_draft"
            ),
            models.UniqueConstraint(fields=["event", "version"], name="schedule_version_once"),
            models.CheckConstraint(
                condition=Q(version__isnull=True, published_at__isnull=True)
                | Q(version__gte=1, published_at__isnull=False),
                name="schedule_version_has_date",
            ),
        ]
        triggers = [
            BumpsVersion(events="SELECT ROW.event_id WHERE ROW.version IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.version or _('draft')}"


class PlacementQuerySet(models.QuerySet["Placement"]):
    def in_draft_of(self, event: Event) -> Self:
        return self.filter(schedule__event=event, schedule__version__isnull=True)

    def overlapping(self, room: Room, during: DateTimeTZRange) -> Self:
        """Placements that take some of a room's half-open time."""
        return self.filter(room=room, during__overlap=during)

    def chronological(self) -> Self:
        return self.order_by("during__startswith", "room__position", "room_id")

    def published_for(self, event: Event) -> Self:
        """Places in all frozen versions, the newest first."""
        frozen = self.filter(schedule__event=event, schedule__version__isnull=False)
        return frozen.order_by("-schedule__version", "during__startswith", "room__position")

    def last_published(self, event: Event) -> Self:
        """Of every proposal that was ever published, its place in the newest version with it."""
        places = self.published_for(event).order_by("proposal", "-schedule__version")
        return places.distinct("proposal")

    def with_turns(self) -> Self:
        """``turns``: decisions and changes of the pitch since a version, that may have cancelled
        the session or brought it back.
        """
        from .log import LogEntry  # models refer to each other

        about = Q(proposal=OuterRef("proposal")) | Q(
            pitch=OuterRef("proposal__pitch"), proposal=None, action__in=LogEntry.TURNS
        )
        since = LogEntry.objects.filter(about, at__gt=OuterRef("schedule__published_at"))
        counted = since.order_by().values("event").annotate(n=models.Count("pk")).values("n")
        return self.annotate(turns=Coalesce(Subquery(counted), 0))

    def with_session(self) -> Self:
        """Room, proposal and pitch joined, hosts prefetched (one query more)."""
        from .pitch import Host  # keeps the import block free of a single-use name

        return self.select_related("room", "proposal__pitch__event").prefetch_related(
            models.Prefetch(
                "proposal__pitch__hosts",
                Host.objects.accepted().select_related("person__profile"),
            )
        )


@tracked()
class Placement(models.Model):
    """A proposal in a room at a time (``during``, half-open), inside one schedule.

    ``sequence`` is iCalendar's SEQUENCE: the number of published versions in which this
    proposal's place had changed. ``revision`` counts the moves of a draft's row, so that a
    stale move can be told from a fresh one.
    """

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="placements")
    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="placements", verbose_name=_("session")
    )
    room = models.ForeignKey(
        Room, models.PROTECT, related_name="placements", verbose_name=_("room")
    )
    during = DateTimeRangeField(_("time"))
    pinned = models.BooleanField(_("pinned"), default=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    moved_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PlacementQuerySet.as_manager()

    turns: int  # of with_turns()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "proposal"],
                name="placement_once_per_schedule",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="placement_takes_time"),
            ExclusionConstraint(
                name="placement_room_free",
                expressions=[
                    (SameId("schedule_id"), RangeOperators.OVERLAPS),
                    (SameId("room_id"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = [
            BumpsVersion(
                events="""
                    SELECT event_id FROM program_schedule
                    WHERE id = ROW.schedule_id AND version IS NOT NULL
                """
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} · {self.room_id} · {self.during}"

    @property
    def token(self) -> str:
        """Names this state of this row: what a page showed, to be compared before a move.

        The id is part of it, since a session that was taken off and placed again begins anew.
        """
        return f"{self.pk}.{self.revision}"
