import datetime as dt
import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.constraints import CompositeForeignKey
from config.lib.history import tracked
from config.lib.text import COMMENT_MAX_LENGTH
from sessions.models.versioning import OF_PITCH, BumpsVersion
from speakers.models import Viewer

from .reasons import Filter, HouseRule


class CommentQuerySet(models.QuerySet["Comment"]):
    def published(self) -> Self:
        """What counts: neither held nor removed, and no tombstones."""
        return self.filter(state=Comment.State.PUBLISHED)

    def held(self) -> Self:
        """What waits, invisible to all but its author and moderators."""
        return self.filter(state__in=Comment.HELD)

    def standing(self) -> Self:
        """What its author can change: published, or waiting for that."""
        return self.filter(state__in=Comment.HELD | {Comment.State.PUBLISHED})

    def in_thread(
        self,
        *,
        user: Viewer | None = None,
        visitor: uuid.UUID | None = None,
        moderates: bool = False,
    ) -> Self:
        """What a thread needs: the published ones, and whatever others were answered.

        Also what only its author sees, and what only moderators and its author see.
        """
        answered = Comment.objects.filter(parent=OuterRef("pk"))
        theirs = Q(state__in=Comment.HELD | {Comment.State.LEAVING}) & _mine(user, visitor)
        if moderates:
            theirs |= Q(state__in=Comment.HELD)
        return self.filter(Q(state=Comment.State.PUBLISHED) | Q(Exists(answered)) | theirs)

    def written_by(self, *, user: Viewer | None = None, visitor: uuid.UUID | None = None) -> Self:
        """Of an account, of a browser, or of both; nobody's when neither is known."""
        return self.filter(_mine(user, visitor))

    def of_guest(self, *, visitor: uuid.UUID | None, email: str) -> Self:
        """Of a browser, or of an address that somebody has confirmed."""
        theirs = Q(pk__in=())
        if visitor is not None:
            theirs |= Q(visitor=visitor)
        if email:
            theirs |= Q(guest_email__iexact=email, email_confirmed=True)
        return self.filter(theirs)

    def unconfirmed_before(self, moment: dt.datetime) -> Self:
        """Whose author did not open the link that was mailed."""
        return self.filter(state=Comment.State.AWAITING_EMAIL, created_at__lte=moment)

    def left_before(self, moment: dt.datetime) -> Self:
        """Whose author cannot take the deletion back any more."""
        return self.filter(state=Comment.State.LEAVING, left_at__lte=moment)

    def since(self, moment: dt.datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def with_authors(self) -> Self:
        """Joined; what is never shown (the e-mail, the source text) stays in the database."""
        rows = self.select_related("author__profile", "mention")
        return rows.defer("body", "guest_email")

    def with_like_count(self) -> Self:
        """``like_count``, one correlated count."""
        from .like import Like  # models refer to each other

        counted = (
            Like.objects.filter(comment=OuterRef("pk"))
            .order_by()
            .values("comment")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(like_count=Coalesce(Subquery(counted), Value(0)))

    def newest_first(self) -> Self:
        """By when they were published."""
        return self.order_by("-published_at", "-pk")

    def in_thread_order(self) -> Self:
        """Depth first, each branch oldest first: ids rise, so the path alone sorts a thread."""
        return self.order_by("path")


def _mine(user: Viewer | None, visitor: uuid.UUID | None) -> Q:
    mine = Q(pk__in=())
    if user is not None and user.is_authenticated:
        mine |= Q(author=user)
    if visitor is not None:
        mine |= Q(visitor=visitor)
    return mine


@tracked()
class Comment(models.Model):
    """An entry below a pitch.

    ``path`` holds the ids from the root to this comment; sorted by it, a flat list of rows is
    the thread. ``parent`` is always the true one, however flat the page shows it.
    """

    class State(models.TextChoices):
        AWAITING_EMAIL = "awaiting_email", _("waits for the e-mail address")
        AWAITING_MODERATION = "awaiting_moderation", _("waits for approval")
        PUBLISHED = "published", _("published")
        SPAM = "spam", _("spam")
        REMOVED = "removed", _("hidden")
        LEAVING = "leaving", _("just deleted")
        DELETED = "deleted", _("deleted")

    #: Waits for somebody: only its author and moderators know of it.
    HELD = frozenset({State.AWAITING_EMAIL, State.AWAITING_MODERATION})
    #: From → to; ``comments.states`` is the one module that assigns them. Whoever deletes a
    #: comment may take that back for a while, hence LEAVING, which leads back to where it was.
    TRANSITIONS: ClassVar[dict[State, frozenset[State]]] = {
        State.AWAITING_EMAIL: frozenset(
            {State.PUBLISHED, State.AWAITING_MODERATION, State.SPAM, State.REMOVED, State.LEAVING}
        ),
        State.AWAITING_MODERATION: frozenset(
            {State.PUBLISHED, State.SPAM, State.REMOVED, State.LEAVING}
        ),
        State.PUBLISHED: frozenset(
            {State.AWAITING_MODERATION, State.SPAM, State.REMOVED, State.LEAVING}
        ),
        State.SPAM: frozenset({State.PUBLISHED, State.REMOVED, State.DELETED}),
        State.REMOVED: frozenset({State.PUBLISHED, State.SPAM, State.DELETED}),
        State.LEAVING: frozenset(
            {State.AWAITING_EMAIL, State.AWAITING_MODERATION, State.PUBLISHED, State.DELETED}
        ),
        State.DELETED: frozenset(),
    }

    class Origin(models.TextChoices):
        HERE = "here", _("written here")
        WEBMENTION = "webmention", _("webmention")
        PINGBACK = "pingback", _("pingback")
        IMPORT = "import", _("imported")

    like_count: int  # of a row loaded with_like_count()

    pitch = models.ForeignKey(
        "program.Pitch", models.CASCADE, related_name="comments", verbose_name=_("pitch")
    )
    proposal = models.ForeignKey(
        "program.Proposal",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("about the session"),
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies", editable=False
    )
    root = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="thread", editable=False
    )
    depth = models.PositiveIntegerField(default=0, editable=False)
    path = ArrayField(models.BigIntegerField(), editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("author"),
    )
    visitor = models.UUIDField(_("visitor"), null=True, blank=True, editable=False)
    guest_name = models.CharField(_("name"), max_length=80, blank=True)
    guest_email = models.EmailField(_("e-mail"), blank=True)
    guest_site = models.URLField(_("site"), max_length=300, blank=True)
    email_confirmed = models.BooleanField(default=False, editable=False)  # of ``guest_email``
    body = models.TextField(
        _("comment"), blank=True, validators=[MaxLengthValidator(COMMENT_MAX_LENGTH)]
    )
    body_html = models.TextField(blank=True, editable=False)
    origin = models.CharField(
        _("origin"), max_length=10, choices=Origin, default=Origin.HERE, editable=False
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State, default=State.PUBLISHED, editable=False
    )
    state_before = models.CharField(max_length=20, choices=State, blank=True, editable=False)
    held_because = models.CharField(
        _("held because"), max_length=10, choices=Filter, blank=True, editable=False
    )
    removed_because = models.CharField(
        _("hidden because"), max_length=10, choices=HouseRule, blank=True
    )
    removed_reason = models.CharField(_("reason"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    left_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            models.Index(fields=["pitch", "path"], name="comment_thread"),
            models.Index(fields=["author", "-created_at"], name="comment_author"),
            models.Index(
                fields=["visitor", "-created_at"],
                condition=Q(visitor__isnull=False),
                name="comment_visitor",
            ),
            models.Index(
                fields=["state", "-id"], condition=~Q(state="published"), name="comment_queue"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "pitch"], name="comment_id_in_pitch"),
            CompositeForeignKey(
                name="comment_parent_in_same_pitch",
                fields=("parent", "pitch"),
                to_fields=("id", "pitch"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, depth=0, root__isnull=True)
                | Q(parent__isnull=False, depth__gt=0, root__isnull=False),
                name="comment_root_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(path__len=models.F("depth") + 1), name="comment_path_as_deep"
            ),
            models.CheckConstraint(
                condition=~Q(state="deleted")
                | Q(
                    author__isnull=True,
                    visitor__isnull=True,
                    guest_name="",
                    guest_email="",
                    email_confirmed=False,
                    guest_site="",
                    body="",
                    body_html="",
                ),
                name="comment_tombstone_is_empty",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="comment_published_since",
            ),
            models.CheckConstraint(
                condition=Q(state="leaving", left_at__isnull=False)
                | (~Q(state="leaving") & Q(left_at__isnull=True, state_before="")),
                name="comment_leaving_since",
            ),
        ]
        triggers = [BumpsVersion(events=OF_PITCH)]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        """On the page of its pitch, whichever part of the discussion that shows.

        Needs ``pitch__event`` loaded.
        """
        return f"{self.pitch.get_absolute_url()}?comment={self.pk}#{self.anchor}"

    @property
    def anchor(self) -> str:
        """Fragment on the pitch page."""
        return f"comment-{self.pk}"

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_held(self) -> bool:
        return self.state in self.HELD

    @property
    def written_as(self) -> str:
        """The name that others see; needs ``author__profile`` loaded."""
        if self.author is not None:
            return self.author.profile.name
        return self.guest_name or str(_("Somebody who has left"))
