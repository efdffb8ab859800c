import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models import Event, Pitch

from .comment import Comment

URL_MAX_LENGTH = 2_000


class Mention(models.Model):
    """A page elsewhere that links to a pitch; what is shown of it is its ``comment``.

    One row per source and pitch, whether it came as webmention or as pingback. ``received_at``
    is the last time somebody told us; ``checked_at`` the last time we looked.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("to be checked")
        VERIFIED = "verified", _("links to the pitch")
        FAILED = "failed", _("does not link to the pitch")
        GONE = "gone", _("gone")
        REJECTED = "rejected", _("rejected")

    class Kind(models.TextChoices):
        MENTION = "mention", _("mention")
        REPLY = "reply", _("reply")
        LIKE = "like", _("like")
        REPOST = "repost", _("repost")
        BOOKMARK = "bookmark", _("bookmark")
        RSVP = "rsvp", _("answer to an invitation")

    pitch = models.ForeignKey(
        Pitch, models.CASCADE, related_name="mentions", verbose_name=_("pitch")
    )
    source = models.URLField(_("source"), max_length=URL_MAX_LENGTH)
    domain = models.CharField(_("site"), max_length=253)
    target = models.URLField(_("target"), max_length=URL_MAX_LENGTH)
    protocol = models.CharField(
        _("came as"),
        max_length=10,
        choices=[
            (Comment.Origin.WEBMENTION.value, Comment.Origin.WEBMENTION.label),
            (Comment.Origin.PINGBACK.value, Comment.Origin.PINGBACK.label),
        ],
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MENTION)
    title = models.CharField(_("title"), max_length=200, blank=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    comment = models.OneToOneField(
        Comment, models.SET_NULL, null=True, blank=True, related_name="mention"
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            models.UniqueConstraint("pitch", MD5("source"), name="mention_once_per_source")
        ]
        indexes = [models.Index(fields=["domain", "state"], name="mention_of_domain")]

    def __str__(self) -> str:
        return self.source


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    def due(self, now: dt.datetime) -> Self:
        """What is to be sent by now, the longest waiting first; archived events keep silent."""
        rows = self.filter(state=Outgoing.State.DUE, due_at__lte=now)
        return rows.filter(pitch__event__state=Event.State.PUBLIC).order_by("due_at", "pk")

    def never_told(self) -> Self:
        """Targets that cannot know of the link: nobody asked them, or they take no mentions."""
        silent = Q(attempts=0) | Q(state=Outgoing.State.NO_ENDPOINT)
        return self.filter(silent, sent_at__isnull=True)


class Outgoing(models.Model):
    """A link in a pitch, and what its target was told of it.

    ``target`` is the address as it is written in the pitch. ``source`` is the address of the
    pitch that the target was told first, and hears again after the title has changed.
    """

    class State(models.TextChoices):
        DUE = "due", _("to be sent")
        SENT = "sent", _("sent")
        NO_ENDPOINT = "none", _("takes no mentions")
        FAILED = "failed", _("failed")

    pitch = models.ForeignKey(
        Pitch, models.CASCADE, related_name="outgoing", verbose_name=_("pitch")
    )
    target = models.URLField(_("target"), max_length=URL_MAX_LENGTH)
    source = models.URLField(_("source"), max_length=URL_MAX_LENGTH, blank=True)
    endpoint = models.URLField(_("endpoint"), max_length=URL_MAX_LENGTH, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE)
    is_linked = models.BooleanField(_("still linked"), default=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sent mention")
        verbose_name_plural = _("sent mentions")
        constraints = [
            models.UniqueConstraint("pitch", MD5("target"), name="outgoing_once_per_target")
        ]
        indexes = [models.Index(fields=["due_at"], name="outgoing_due", condition=Q(state="due"))]

    def __str__(self) -> str:
        return self.target


class LinkScan(models.Model):
    """Which version of a pitch was searched for links: its ``updated_at`` and ``state`` then."""

    pitch = models.OneToOneField(Pitch, models.CASCADE, related_name="link_scan")
    seen = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Pitch.State)

    class Meta:
        verbose_name = _("search for links")
        verbose_name_plural = _("searches for links")

    def __str__(self) -> str:
        return f"{self.pitch_id} {self.seen:%Y-%m-%d %H:%M:%S}"
