from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase

from config.lib import codes
from config.lib.history import tracked
from config.lib.text import BODY_MAX_LENGTH, TITLE_MAX_LENGTH, slugify
from speakers.models import User, Viewer

from .event import Event
from .versioning import OF_EVENT, OF_PITCH, BumpsVersion


def search_vector(first: str, second: str) -> models.Expression:
    """Weighted German and English stems of two columns; a query in either language finds both."""
    return (
        SearchVector(first, config="german", weight="A")
        + SearchVector(first, config="english", weight="A")
        + SearchVector(second, config="german", weight="B")
        + SearchVector(second, config="english", weight="B")
    )


class Tag(TagBase):
    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def slugify(self, tag: str, i: int | None = None) -> str:
        slug = slugify(tag, 90) or "tag"
        return slug if i is None else f"{slug}-{i}"


@tracked()
class PitchTag(ItemBase):
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="items")
    content_object = models.ForeignKey("program.Pitch", models.CASCADE, related_name="tag_items")

    class Meta:
        verbose_name = _("tag of a pitch")
        verbose_name_plural = _("tags of pitches")
        constraints = [
            models.UniqueConstraint(fields=["tag", "content_object"], name="pitch_tagged_once")
        ]
        triggers = [
            BumpsVersion(
                events="SELECT event_id FROM program_pitch WHERE id = ROW.content_object_id"
            )
        ]


class PitchQuerySet(models.QuerySet["Pitch"]):
    def public(self) -> Self:
        """Pitches that hang on the wall."""
        return self.filter(state=Pitch.State.PUBLIC)

    def withdrawn(self) -> Self:
        return self.filter(state=Pitch.State.WITHDRAWN)

    def merged(self) -> Self:
        """Part of another one, and shown as that."""
        return self.filter(state=Pitch.State.MERGED)

    def visible_to(self, user: Viewer) -> Self:
        """Public ones, one's own in any state, and all of them for organisers of their event.

        A merged one has no page any more: nobody sees it but in the desk.
        """
        if not user.is_authenticated:
            return self.public()
        unmerged = self.exclude(state=Pitch.State.MERGED)
        if user.is_superuser:
            return unmerged
        mine = Q(pk__in=Host.objects.filter(person=user).values("pitch"))
        organised = Q(event__in=user.memberships.values("event"))
        return unmerged.filter(Q(state=Pitch.State.PUBLIC) | mine | organised)

    def hosted_by(self, user: User) -> Self:
        """Pitches that ``user`` owns or leads with others, drafts included, merged ones not."""
        return self.led_by(user).exclude(state=Pitch.State.MERGED)

    def led_by(self, user: User) -> Self:
        """As :meth:`hosted_by`, and those that are part of another one now."""
        return self.filter(pk__in=Host.objects.accepted().filter(person=user).values("pitch"))

    def with_hosts(self) -> Self:
        """One query more; ``pitch.hosts.all()`` is then in order and asks nothing."""
        return self.prefetch_related(
            Prefetch("hosts", Host.objects.accepted().select_related("person__profile"))
        )

    def with_proposals(self) -> Self:
        """One query more; each proposal with ``interest_count`` (members and visitors)."""
        from .proposal import Proposal  # models refer to each other

        return self.prefetch_related(
            Prefetch("proposals", Proposal.objects.with_interest_count().order_by("position"))
        )

    def with_interest_apart(self) -> Self:
        """``member_count`` and ``visitor_count`` over all sessions of a pitch."""
        from .interest import Interest  # models refer to each other

        wanted = Interest.objects.filter(proposal__pitch=OuterRef("pk"))
        return self.annotate(**Interest.counts_apart(wanted, by="proposal__pitch"))

    def with_tags(self) -> Self:
        """Two queries more; only ``pitch.tags.all()`` uses them, not ``names()``."""
        return self.prefetch_related("tags")


@tracked(exclude=("search",))
class Pitch(models.Model):  # type: ignore[django-manager-missing]  # taggit is untyped
    """A post on the wall: one URL, one discussion, one or more proposals."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLIC = "public", _("public")
        HIDDEN = "hidden", _("hidden by the organisers")
        WITHDRAWN = "withdrawn", _("withdrawn")
        MERGED = "merged", _("merged")

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="pitches", verbose_name=_("event")
    )
    code = models.CharField(
        _("code"), max_length=12, unique=True, default=codes.new_code, editable=False
    )
    slug = models.SlugField(max_length=60, editable=False)
    title = models.CharField(_("title"), max_length=TITLE_MAX_LENGTH)
    body = models.TextField(
        _("what it is about"), validators=[MaxLengthValidator(BODY_MAX_LENGTH)], blank=True
    )
    language = models.CharField(
        _("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="owned_pitches",
        verbose_name=_("owner"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # The one that it is part of now; never a merged one itself, however many merges follow.
    merged_into = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, editable=False, related_name="merged"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)
    search = models.GeneratedField(
        expression=search_vector("title", "body"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    tags = TaggableManager(through=PitchTag, blank=True, verbose_name=_("tags"))
    objects = PitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("pitch")
        verbose_name_plural = _("pitches")
        indexes = [
            GinIndex(fields=["search"], name="pitch_search"),
            models.Index(fields=["event", "state", "-published_at"], name="pitch_wall"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False),
                name="pitch_public_since",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="pitch_has_title"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="pitch_merged_into_another",
            ),
        ]
        triggers = [BumpsVersion(events=OF_EVENT)]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = slugify(self.title) or "pitch"
        if fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*fields, "slug"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("program:pitch", args=[self.event.slug, self.code, self.slug])


class HostQuerySet(models.QuerySet["Host"]):
    def accepted(self) -> Self:
        return self.filter(state=Host.State.ACCEPTED).order_by("position", "id")


@tracked()
class Host(models.Model):
    """Somebody who leads the sessions of a pitch; the owner is the first of them."""

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ACCEPTED = "accepted", _("accepted")

    pitch = models.ForeignKey(Pitch, models.CASCADE, related_name="hosts", verbose_name=_("pitch"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="hosting", verbose_name=_("person")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACCEPTED)

    objects = HostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [
            models.UniqueConstraint(fields=["pitch", "person"], name="host_once_per_pitch")
        ]
        triggers = [BumpsVersion(events=OF_PITCH)]

    def __str__(self) -> str:
        return str(self.person)
