from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .proposal import Proposal
from .versioning import OF_PROPOSAL, BumpsVersion


class Interest(models.Model):
    """A person wants to come: an account or a browser, never both in one row."""

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="interests", verbose_name=_("session")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="interests",
        verbose_name=_("person"),
    )
    visitor = models.UUIDField(_("visitor"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, visitor__isnull=True)
                | Q(user__isnull=True, visitor__isnull=False),
                name="interest_of_account_or_visitor",
            ),
            models.UniqueConstraint(fields=["proposal", "user"], name="interest_once_per_user"),
            models.UniqueConstraint(
                fields=["proposal", "visitor"], name="interest_once_per_visitor"
            ),
        ]
        indexes = [models.Index(fields=["visitor"], name="interest_visitor")]
        triggers = [BumpsVersion(events=OF_PROPOSAL)]

    def __str__(self) -> str:
        return f"{self.user or self.visitor} → {self.proposal_id}"

    @classmethod
    def counts_apart(cls, wanted: models.QuerySet["Interest"], *, by: str) -> dict[str, Coalesce]:
        """Two correlated counts for an ``annotate``; ``by`` groups ``wanted`` into one number."""
        rows = wanted.order_by().values(by).annotate(n=Count("pk")).values("n")
        return {
            "member_count": Coalesce(Subquery(rows.filter(user__isnull=False)), 0),
            "visitor_count": Coalesce(Subquery(rows.filter(user__isnull=True)), 0),
        }
