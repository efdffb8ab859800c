import datetime as dt
import zoneinfo
from functools import cache, cached_property
from typing import Self

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.history import tracked
from speakers.models import Viewer

RESERVED_SLUGS = frozenset(
    "account accessibility admin api calendar comments healthz imprint language media people "
    "pingback privacy readyz s static webmention".split()
)


@cache
def _time_zones() -> set[str]:
    """Asked of the file system once, which takes as long as a page."""
    return zoneinfo.available_timezones()


def validate_time_zone(value: str) -> None:
    if value not in _time_zones():
        raise ValidationError(_("“%(zone)s” is not a time zone."), params={"zone": value})


def validate_event_slug(value: str) -> None:
    if value in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” is used by the site itself."), params={"slug": value})


class EventQuerySet(models.QuerySet["Event"]):
    def public(self) -> Self:
        """Events that everyone may see, archived ones included."""
        return self.exclude(state=Event.State.DRAFT)

    def visible_to(self, user: Viewer) -> Self:
        """Public events, and the drafts of those who help to organise them."""
        if not user.is_authenticated:
            return self.public()
        if user.is_superuser:
            return self
        return self.filter(~Q(state=Event.State.DRAFT) | Q(memberships__user=user)).distinct()

    def chronological(self) -> Self:
        return self.order_by("starts_on", "id")


@tracked(exclude=("version", "changed_at"))
class Event(models.Model):
    """One unconference. ``version`` counts what the public can see change (see versioning).

    ``changed_at`` is when it last rose.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLIC = "public", _("public")
        ARCHIVED = "archived", _("archived")

    class CommentPolicy(models.TextChoices):
        EVERYONE = "everyone", _("everyone")
        MEMBERS = "members", _("people with an account")
        NOBODY = "nobody", _("nobody")

    class InterestCounts(models.TextChoices):
        ALWAYS = "always", _("always")
        AFTER_CLOSING = "after_closing", _("after pitching closes")
        NEVER = "never", _("never")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("address"),
        max_length=50,
        unique=True,
        validators=[validate_event_slug],
        help_text=_("Part of every address of this event, such as neo15."),
    )
    hashtag = models.CharField(
        _("hashtag"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^\w+$", _("Letters and digits only, without #."))],
        help_text=_("Without #."),
    )
    about = models.TextField(
        _("about the event"), blank=True, max_length=20_000, help_text=_("Markdown.")
    )
    place = models.CharField(_("venue"), max_length=120, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Berlin", validators=[validate_time_zone]
    )
    language = models.CharField(
        _("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    pitching_opens_at = models.DateTimeField(_("pitching opens"), null=True, blank=True)
    pitching_closes_at = models.DateTimeField(_("pitching closes"), null=True, blank=True)
    comment_policy = models.CharField(
        _("who may comment"),
        max_length=10,
        choices=CommentPolicy,
        default=CommentPolicy.EVERYONE,
    )
    interest_counts = models.CharField(
        _("show how many are interested"),
        max_length=15,
        choices=InterestCounts,
        default=InterestCounts.ALWAYS,
    )
    asks_confirmation = models.BooleanField(
        _("hosts confirm that they will be there"),
        default=False,
        help_text=_("Whoever is accepted is asked by e-mail and answers with one click."),
    )
    confirm_reminder_days = models.PositiveSmallIntegerField(
        _("days until the reminder"),
        default=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("Who has not answered then is asked once more. Empty: never."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    live = models.BooleanField(
        _("live"), default=False, help_text=_("The event runs and everyone follows the programme.")
    )
    version = models.BigIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="event_ends_after_it_starts",
                violation_error_message=_("The last day is before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(pitching_closes_at__gt=F("pitching_opens_at")),
                name="event_pitching_closes_after_it_opens",
                violation_error_message=_("Pitching closes before it opens."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="bumps_own_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    NEW.version = GREATEST(NEW.version, OLD.version + 1);
                    NEW.changed_at = clock_timestamp();
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("program:event", args=[self.slug])

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self, now: dt.datetime) -> dt.date:
        """The date at the place of the event."""
        return now.astimezone(self.zone).date()

    def has_begun(self, now: dt.datetime) -> bool:
        return self.today(now) >= self.starts_on

    def is_over(self, now: dt.datetime) -> bool:
        return self.today(now) > self.ends_on

    def is_today(self, now: dt.datetime) -> bool:
        return self.has_begun(now) and not self.is_over(now)

    def takes_pitches(self, now: dt.datetime) -> bool:
        """Open unless a limit says otherwise; never after the last day."""
        return (
            self.state == self.State.PUBLIC
            and not self.is_over(now)
            and (self.pitching_opens_at is None or self.pitching_opens_at <= now)
            and (self.pitching_closes_at is None or now < self.pitching_closes_at)
        )

    def takes_interest(self, now: dt.datetime) -> bool:
        """One can want to come until the last day is over."""
        return self.state != self.State.ARCHIVED and not self.is_over(now)

    def shows_interest_counts(self, now: dt.datetime) -> bool:
        if self.interest_counts == self.InterestCounts.AFTER_CLOSING:
            return self.pitching_closes_at is not None and now >= self.pitching_closes_at
        return self.interest_counts == self.InterestCounts.ALWAYS


@tracked()
class Membership(models.Model):
    """What somebody does for an event. Without one, an organiser sees nothing of it."""

    class Role(models.TextChoices):
        ORGANISER = "organiser", _("organiser")
        MODERATOR = "moderator", _("moderator")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    event = models.ForeignKey(
        Event, models.CASCADE, related_name="memberships", verbose_name=_("event")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.ORGANISER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="membership_once_per_event")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.event}"
