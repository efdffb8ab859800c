"""What organisers make of sessions before anybody else hears of it. Nothing here is ever public."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from speakers.models import User

from .event import Event
from .proposal import Proposal


class Vote(models.Model):
    """What one organiser thinks of a session.

    Three values and no marks: a team wants to know where it disagrees, and five stars from one
    person are three from another. The votes of others are shown to whoever has voted, so that
    nobody votes as the first one did.
    """

    class Value(models.IntegerChoices):
        AGAINST = -1, _("against")
        NEITHER = 0, _("neither")
        FOR = 1, _("for")

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="votes", verbose_name=_("session")
    )
    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="votes", verbose_name=_("who")
    )
    value = models.SmallIntegerField(_("vote"), choices=Value)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "organiser"], name="vote_once_per_organiser"
            ),
            models.CheckConstraint(condition=Q(value__gte=-1, value__lte=1), name="vote_value"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.value}"


class SavedFilter(models.Model):
    """A view of the list of sessions that one organiser comes back to."""

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="saved_filters", verbose_name=_("event")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="saved_filters",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filter"), max_length=4000)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person", "name"], name="saved_filter_once_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def of(self, user: User, event: Event) -> Self:
        return self.filter(by=user, proposal__pitch__event=event)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Preparation(models.Model):
    """A step to the decision that is prepared for a session: who turned ``before`` into ``after``.

    The steps of a session are a chain. They are what can be undone, and are gone when they were or
    when the session is decided.
    """

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="preparations", verbose_name=_("session")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    before = models.CharField(max_length=12, choices=Proposal.State, blank=True)
    after = models.CharField(
        _("prepared decision"), max_length=12, choices=Proposal.State, blank=True
    )

    objects = PreparationQuerySet.as_manager()

    class Meta:
        verbose_name = _("prepared decision")
        verbose_name_plural = _("prepared decisions")

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.after}"
