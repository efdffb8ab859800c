"""What hosts are told of decisions: the words, what was sent or waits for its time, and what came
of each mail. Nothing here is ever public.
"""

import datetime as dt
from typing import Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Email, Log

from config.lib.history import tracked

from .event import Event
from .pitch import Host
from .proposal import Proposal

SUBJECT_MAX_LENGTH = 200
BODY_MAX_LENGTH = 5_000


@tracked()
class MailTemplate(models.Model):
    """An event's own words for one kind of mail; without a row those of the site hold."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        ASKED = "asked", _("Accepted, please confirm")
        WAITLISTED = "waitlisted", _("On the waiting list")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")
        REMINDER = "reminder", _("Reminder: please confirm")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="mail_templates", verbose_name=_("event")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=SUBJECT_MAX_LENGTH)
    body = models.TextField(_("text"), max_length=BODY_MAX_LENGTH)

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "language"], name="mail_template_once_per_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def planned(self) -> Self:
        return self.filter(state=Announcement.State.PLANNED)

    def due(self, now: dt.datetime) -> Self:
        """Planned ones whose time has come; a partial index answers."""
        return self.planned().filter(send_at__lte=now).order_by("send_at", "pk")

    def with_decisions(self) -> Self:
        """One query more: ``decisions`` with their titles, each with its mails as ``letters``."""
        mails = AnnouncedMail.objects.filter(decision=OuterRef("pk")).order_by("pk")
        letter = JSONObject(name="recipient__profile__name", subject="subject", body="body")
        decisions = (
            AnnouncedDecision.objects.select_related("proposal__pitch__event")
            .annotate(letters=ArraySubquery(mails.values(json=letter)))
            .order_by("pk")
        )
        return self.prefetch_related(Prefetch("decisions", decisions))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Announcement(models.Model):
    """Prepared decisions that become real in one step, at ``send_at``.

    While it is planned the sessions stay prepared, and whoever calls it off changes nothing else.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("announced")
        CALLED_OFF = "called_off", _("called off")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="announcements", verbose_name=_("event")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    created_at = models.DateTimeField(_("prepared"), default=timezone.now)
    send_at = models.DateTimeField(_("at"))
    done_at = models.DateTimeField(_("announced"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        indexes = [
            models.Index(
                fields=["send_at"], condition=Q(state="planned"), name="announcement_planned"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.send_at:%Y-%m-%d %H:%M}"


class AnnouncedDecision(models.Model):
    """One decision of an announcement, as it was prepared then, and what became of it."""

    class Outcome(models.TextChoices):
        PLANNED = "planned", _("planned")
        DONE = "done", _("announced")
        CHANGED = "changed", _("changed since, not announced")
        CALLED_OFF = "called_off", _("called off")

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="decisions")
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="announced")
    state = models.CharField(_("decision"), max_length=12, choices=Proposal.State)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=Outcome, default=Outcome.PLANNED
    )

    class Meta:
        verbose_name = _("announced decision")
        verbose_name_plural = _("announced decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(outcome="planned"),
                name="decision_planned_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.state}"


class AnnouncedMail(models.Model):
    """A mail word for word as the organiser saw it; one per decision and host.

    ``email`` is the row of the queue once it is on its way, until that is tidied away.
    """

    decision = models.ForeignKey(AnnouncedDecision, models.CASCADE, related_name="mails")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=SUBJECT_MAX_LENGTH)
    body = models.TextField(_("text"))
    email = models.ForeignKey(Email, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("announced mail")
        verbose_name_plural = _("announced mails")
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "recipient"], name="announced_mail_once_per_host"
            )
        ]

    def __str__(self) -> str:
        return self.subject


class OutboxQuerySet(models.QuerySet["OutboxEntry"]):
    def waiting(self) -> Self:
        return self.filter(email__status__in=[STATUS.queued, STATUS.requeued])

    def sent(self) -> Self:
        return self.filter(email__status=STATUS.sent)

    def failed(self) -> Self:
        return self.filter(email__status=STATUS.failed)

    def counts(self) -> dict[str, int]:
        """``waiting``, ``sent`` and ``failed``; one query."""
        status = "email__status"
        return self.aggregate(
            waiting=Count("pk", filter=Q(**{f"{status}__in": [STATUS.queued, STATUS.requeued]})),
            sent=Count("pk", filter=Q(**{status: STATUS.sent})),
            failed=Count("pk", filter=Q(**{status: STATUS.failed})),
        )

    def with_mails(self) -> Self:
        """The mails without their text, each with ``reason``: what the mail server said last."""
        last = Log.objects.filter(email=OuterRef("email")).order_by("-date", "-pk")
        rows = self.select_related("email").defer("email__message", "email__html_message")
        return rows.annotate(reason=Subquery(last.values("message")[:1]))

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class OutboxEntry(models.Model):
    """A mail of an event: gone with the mail itself, which is tidied away after a month."""

    class Kind(models.TextChoices):
        DECISION = "decision", _("decision")
        REMINDER = "reminder", _("reminder")
        PROGRAMME = "programme", _("programme")
        MERGE = "merge", _("merge")

    event = models.ForeignKey(Event, models.CASCADE, related_name="outbox", verbose_name=_("event"))
    email = models.OneToOneField(Email, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)

    objects = OutboxQuerySet.as_manager()

    reason: str | None  # of with_mails()

    class Meta:
        verbose_name = _("mail of the event")
        verbose_name_plural = _("mails of the event")

    def __str__(self) -> str:
        return f"{self.kind} {self.email_id}"

    @property
    def is_failed(self) -> bool:
        return self.email.status == STATUS.failed

    @property
    def is_sent(self) -> bool:
        return self.email.status == STATUS.sent


class ConfirmationRequestQuerySet(models.QuerySet["ConfirmationRequest"]):
    def due(self, now: dt.datetime) -> Self:
        """Those to be reminded of; a partial index answers."""
        return self.filter(remind_at__lte=now)

    def open_in(self, event: Event) -> Self:
        """Not answered yet, whoever was asked first comes first."""
        return self.filter(
            proposal__pitch__event=event, proposal__state=Proposal.State.ACCEPTED
        ).order_by("asked_at", "pk")

    def with_hosts(self) -> Self:
        """One join and one query; ``request.proposal.pitch.hosts.all()`` asks nothing then."""
        hosts = Host.objects.accepted().select_related("person__profile")
        rows = self.select_related("proposal__pitch__event")
        return rows.prefetch_related(Prefetch("proposal__pitch__hosts", hosts))


class ConfirmationRequest(models.Model):
    """That the hosts of an accepted session were asked whether they will be there.

    The answer is the state of the session. ``remind_at`` is empty when nobody is to be reminded
    any more.
    """

    proposal = models.OneToOneField(
        Proposal, models.CASCADE, related_name="confirmation_request", verbose_name=_("session")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)

    objects = ConfirmationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("question for a confirmation")
        verbose_name_plural = _("questions for a confirmation")
        indexes = [
            models.Index(
                fields=["remind_at"],
                condition=Q(remind_at__isnull=False),
                name="confirmation_to_remind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.asked_at:%Y-%m-%d}"
