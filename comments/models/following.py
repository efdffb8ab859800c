from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models import Pitch

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

    class Meta:
        verbose_name = _("followed pitch")
        verbose_name_plural = _("followed pitches")
        constraints = [
            models.UniqueConstraint(fields=["pitch", "user"], name="follow_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.pitch_id}: {self.state}"


class Mute(models.Model):
    """Somebody who wants no mail about the thread below a root comment."""

    root = models.ForeignKey(Comment, models.CASCADE, related_name="mutes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes")
    created_at = models.DateTimeField(default=timezone.now)

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

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["comment", "user"], name="notice_once_per_user")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ← {self.comment_id}"
