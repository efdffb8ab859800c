import datetime as dt
import uuid
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.history import tracked
from sessions.models import Event, Pitch
from sessions.models.versioning import OF_EVENT, OF_PITCH, BumpsVersion
from speakers.models import User, Viewer

from .comment import Comment
from .reasons import Filter, HouseRule


@tracked()
class Rules(models.Model):
    """How an event moderates its discussions; :meth:`of` has the defaults of an event without."""

    class FirstComment(models.TextChoices):
        EMAIL = "email", _("is published once the e-mail address is confirmed")
        MODERATION = "moderation", _("waits for a moderator")

    event = models.OneToOneField(
        Event,
        models.CASCADE,
        primary_key=True,
        related_name="discussion_rules",
        verbose_name=_("event"),
    )
    first_comment = models.CharField(
        _("a guest's first comment"),
        max_length=10,
        choices=FirstComment,
        default=FirstComment.MODERATION,
    )
    words = models.TextField(
        _("words that hold a comment"),
        blank=True,
        max_length=5_000,
        help_text=_("One a line; part of a word counts, too."),
    )
    links_to_hold = models.PositiveSmallIntegerField(
        _("links that hold a comment"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    flags_to_hide = models.PositiveSmallIntegerField(
        _("reports that hide a comment"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    takes_mentions = models.BooleanField(
        _("takes mentions by other sites"), default=True, help_text=_("Webmention and Pingback.")
    )

    class Meta:
        verbose_name = _("rules of a discussion")
        verbose_name_plural = _("rules of discussions")
        triggers = [BumpsVersion(events=OF_EVENT)]

    def __str__(self) -> str:
        return str(self.event)

    @classmethod
    def of(cls, event: Event) -> "Rules":
        """The stored rules, or unsaved defaults; one query."""
        return cls.objects.filter(event=event).first() or cls(event=event)


NOTE_MAX_LENGTH = 200


class FlagQuerySet(models.QuerySet["Flag"]):
    def unreviewed(self) -> Self:
        """The ones that count: no moderator has looked since."""
        return self.filter(reviewed_at=None)


class Flag(models.Model):
    """A reader's report of a comment, once per account; ``reviewed_at`` is a moderator's look."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="flags")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comment_flags")
    reason = models.CharField(_("reason"), max_length=10, choices=HouseRule)
    note = models.CharField(_("note"), max_length=NOTE_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="flag_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reason}"


class BanQuerySet(models.QuerySet["Ban"]):
    def meeting(
        self, *, user: Viewer | None = None, visitor: uuid.UUID | None = None, email: str = ""
    ) -> Self:
        """Bans of an account, a browser or an address, whichever is known."""
        met = Q(pk__in=())
        if isinstance(user, User):
            met |= Q(user=user)
        if visitor is not None:
            met |= Q(visitor=visitor)
        if email:
            met |= Q(email__iexact=email)
        return self.filter(met)


@tracked()
class Ban(models.Model):
    """Somebody who takes part in no discussion of an event any more."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="bans", verbose_name=_("event"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="bans",
        verbose_name=_("person"),
    )
    visitor = models.UUIDField(_("browser"), null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=NOTE_MAX_LENGTH, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(visitor__isnull=False) | ~Q(email=""),
                name="ban_names_somebody",
            ),
            models.UniqueConstraint(
                fields=["event", "user", "visitor", "email"], nulls_distinct=False, name="ban_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"  # who it is, not even a page of the desk says in full


class Closure(models.Model):
    """A discussion that takes nothing new: of a whole pitch, or of the thread below ``root``."""

    pitch = models.ForeignKey(Pitch, models.CASCADE, related_name="closures")
    root = models.ForeignKey(
        Comment, models.CASCADE, null=True, blank=True, related_name="closures"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("closed discussion")
        verbose_name_plural = _("closed discussions")
        constraints = [
            models.UniqueConstraint(
                fields=["pitch", "root"], nulls_distinct=False, name="closed_once"
            )
        ]
        triggers = [BumpsVersion(events=OF_PITCH)]

    def __str__(self) -> str:
        return f"{self.pitch_id}/{self.root_id or ''}"


class ActQuerySet(models.QuerySet["Act"]):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Act(models.Model):
    """What moderators did. The public log shows time, act, rule and pitch: nobody's name or words.

    ``actor`` is empty where readers' reports did it. ``note`` is for moderators only.
    """

    class Kind(models.TextChoices):
        APPROVED = "approved", _("comment approved")
        HIDDEN = "hidden", _("comment hidden")
        SPAM = "spam", _("marked as spam")
        RESTORED = "restored", _("comment shown again")
        FLAGGED = "flagged", _("hidden after reports")
        BANNED = "banned", _("person banned")
        UNBANNED = "unbanned", _("ban lifted")
        CLOSED = "closed", _("discussion closed")
        OPENED = "opened", _("discussion opened again")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="moderation_acts", verbose_name=_("event")
    )
    pitch = models.ForeignKey(
        Pitch, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("pitch")
    )
    comment = models.ForeignKey(
        Comment, models.SET_NULL, null=True, blank=True, related_name="acts"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    rule = models.CharField(_("reason"), max_length=10, choices=HouseRule, blank=True)
    note = models.CharField(_("note"), max_length=NOTE_MAX_LENGTH, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act of moderation")
        verbose_name_plural = _("acts of moderation")
        indexes = [models.Index(fields=["event", "-at"], name="act_of_event")]
        triggers = [BumpsVersion(events=OF_EVENT)]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()}"


class TurnedAway(models.Model):
    """That a text was refused and why; nothing of the text or of who sent it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="turned_away")
    reason = models.CharField(max_length=10, choices=Filter)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("refused text")
        verbose_name_plural = _("refused texts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.reason}"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def since(self, moment: dt.datetime) -> Self:
        return self.filter(at__gt=moment)


class Attempt(models.Model):
    """One use of something that is limited; ``key`` is a keyed digest of who (see rates)."""

    key = models.CharField(max_length=43)
    at = models.DateTimeField()

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["key", "at"], name="attempt_of_key")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
