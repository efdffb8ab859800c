import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models import Event, Host, Pitch
from speakers.models import User

from .comment import Comment


class Pace(models.Model):
    """How often somebody wants mail about discussions; at once without a row."""

    class Choice(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        DAILY = "daily", _("once a day")
        NEVER = "never", _("never")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_pace")
    choice = models.CharField(max_length=10, choices=Choice, default=Choice.AT_ONCE)

    class Meta:
        verbose_name = _("mails about discussions")
        verbose_name_plural = _("mails about discussions")

    def __str__(self) -> str:
        return self.choice

    @classmethod
    def of(cls, user: User) -> "Pace.Choice":
        """One query."""
        chosen = cls.objects.filter(user=user).values_list("choice", flat=True).first()
        return cls.Choice(chosen or cls.Choice.AT_ONCE)


class FollowQuerySet(models.QuerySet["Follow"]):
    def following(self) -> Self:
        return self.filter(state=Follow.State.FOLLOWING)

    def muted(self) -> Self:
        return self.filter(state=Follow.State.MUTED)

    def listed_for(self, user: User) -> Self:
        """Whose pitches ``user`` may still see, joined; the newest first."""
        seen = self.filter(user=user, pitch__in=Pitch.objects.visible_to(user))
        return seen.select_related("pitch__event").order_by("-created_at", "-pk")


class Follow(models.Model):
    """What somebody wants to hear of a pitch: everything, or nothing at all (``MUTED``).

    Without a row, hosts hear of every comment and authors of replies to their own.
    """

    class State(models.TextChoices):
        FOLLOWING = "following", _("everything")
        MUTED = "muted", _("nothing")

    pitch = models.ForeignKey(Pitch, models.CASCADE, related_name="follows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    state = models.CharField(max_length=10, choices=State, default=State.FOLLOWING)
    created_at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("followed pitch")
        verbose_name_plural = _("followed pitches")
        constraints = [
            models.UniqueConstraint(fields=["pitch", "user"], name="follow_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.pitch_id}: {self.state}"


class MuteQuerySet(models.QuerySet["Mute"]):
    def listed_for(self, user: User) -> Self:
        """Whose pitches ``user`` may still see, joined with the thread; the newest first."""
        seen = self.filter(user=user, root__pitch__in=Pitch.objects.visible_to(user))
        joined = seen.select_related("root__pitch__event", "root__author__profile")
        return joined.order_by("-created_at", "-pk")


class Mute(models.Model):
    """Somebody who wants no mail about the thread below a root comment."""

    root = models.ForeignKey(Comment, models.CASCADE, related_name="mutes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes")
    created_at = models.DateTimeField(default=timezone.now)

    objects = MuteQuerySet.as_manager()

    class Meta:
        verbose_name = _("muted thread")
        verbose_name_plural = _("muted threads")
        constraints = [models.UniqueConstraint(fields=["root", "user"], name="mute_once_per_user")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.root_id}"


class Visit(models.Model):
    """When a member read a discussion: this time, and the time before that."""

    pitch = models.ForeignKey(Pitch, models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="visits")
    before = models.DateTimeField(null=True, blank=True)
    latest = models.DateTimeField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(fields=["pitch", "user"], name="visit_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.pitch_id}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, now: dt.datetime) -> Self:
        return self.filter(due_at__lte=now)

    def on_hold(self) -> Self:
        """Of comments that may come back: held again, or just deleted by their author."""
        return self.filter(comment__state__in={*Comment.HELD, Comment.State.LEAVING})

    def wanted(self) -> Self:
        """Whose comment still stands, and whose reader can be reached, did not write it, and is
        concerned by it without having muted the pitch, the thread or all mail.
        """
        mine, here = {"user": OuterRef("user")}, {"pitch": OuterRef("comment__pitch")}
        hosts = Host.objects.accepted().filter(person=OuterRef("user"), **here)
        root = Coalesce(OuterRef("comment__root"), OuterRef("comment"))
        concerned = (
            Q(cause=Notice.Cause.REPLY, comment__parent__author=F("user"))
            | Q(Exists(hosts), cause=Notice.Cause.HOST)
            | Q(
                Exists(Follow.objects.following().filter(**mine, **here)),
                cause=Notice.Cause.FOLLOW,
            )
        )
        theirs = Q(comment__author=F("user")) | Q(
            comment__guest_email__iexact=F("user__email"), comment__email_confirmed=True
        )
        return self.filter(
            concerned,
            ~Exists(Follow.objects.muted().filter(**mine, **here)),
            ~Exists(Mute.objects.filter(root=root, **mine)),
            ~Exists(Pace.objects.filter(choice=Pace.Choice.NEVER, **mine)),
            user__in=User.objects.reachable(),
            comment__in=Comment.objects.published(),
            comment__pitch__in=Pitch.objects.public(),
            comment__pitch__event__in=Event.objects.public(),
        ).exclude(theirs)

    def with_comments(self) -> Self:
        """All that a mail says; oldest first."""
        return self.select_related(
            "comment__author__profile", "comment__pitch__event", "comment__parent"
        ).order_by("comment__published_at", "comment_id")


class Notice(models.Model):
    """That somebody is to hear of a comment; the row goes when the mail is queued."""

    class Cause(models.TextChoices):
        REPLY = "reply", _("a reply to you")
        HOST = "host", _("a comment on your pitch")
        FOLLOW = "follow", _("a comment on a pitch that you follow")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    cause = models.CharField(max_length=10, choices=Cause)
    due_at = models.DateTimeField(db_index=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="notice_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ← {self.comment_id}"
