import datetime as dt
from collections.abc import Iterable
from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib import codes
from config.lib.history import tracked
from config.lib.text import BODY_MAX_LENGTH, TITLE_MAX_LENGTH

from .event import Event
from .pitch import Host, Pitch, search_vector
from .room import features_field
from .versioning import OF_PITCH, BumpsVersion


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def public(self) -> Self:
        """Proposals of pitches that hang on the wall."""
        return self.filter(pitch__state=Pitch.State.PUBLIC)

    def on_the_wall(self) -> Self:
        """Public ones that can still take place."""
        return self.public().exclude(state__in=Proposal.GONE)

    def schedulable(self) -> Self:
        """What the board offers: accepted or confirmed."""
        return self.public().filter(state__in=Proposal.SCHEDULABLE)

    def removable(self) -> Self:
        """Ones that can vanish: nobody wants to come, decided on them or gave them a place, and
        no other one became part of them.
        """
        return self.filter(
            state=Proposal.State.OPEN,
            prepared_state="",
            interests__isnull=True,
            placements__isnull=True,
            merged__isnull=True,
        )

    def of_event(self, event: Event) -> Self:
        return self.filter(pitch__event=event)

    def named(self, code: str) -> Self:
        """The one of this code, or the one that it became part of."""
        merged = Proposal.objects.filter(code=code).values("merged_into")
        return self.filter(Q(code=code, merged_into=None) | Q(pk__in=merged))

    def for_board_of(self, event: Event) -> Self:
        """What the board of an event shows: what may be placed, and whatever is placed already."""
        from .schedule import Placement  # models refer to each other

        placed = Placement.objects.in_draft_of(event).values("proposal")
        may_be_placed = Q(pitch__state=Pitch.State.PUBLIC, state__in=Proposal.SCHEDULABLE)
        return self.of_event(event).filter(may_be_placed | Q(pk__in=placed))

    def unplaced_by_event(
        self, events: Iterable[Event]
    ) -> models.QuerySet["Proposal", tuple[int, int]]:
        """Pairs of an event's id and how many of its sessions could be placed and are not."""
        from .schedule import Placement  # models refer to each other

        drafts = Placement.objects.filter(schedule__version__isnull=True)
        left = self.schedulable().filter(pitch__event__in=events)
        left = left.exclude(pk__in=drafts.values("proposal")).order_by()
        return left.values_list("pitch__event").annotate(n=Count("pk"))

    def with_interest_count(self) -> Self:
        """``interest_count``: members and visitors together, one correlated count."""
        from .interest import Interest  # models refer to each other

        counted = (
            Interest.objects.filter(proposal=OuterRef("pk"))
            .order_by()
            .values("proposal")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(interest_count=Coalesce(Subquery(counted), Value(0)))

    def with_place(self) -> Self:
        """``starts_at``, ``ends_at``, ``room_name`` in the newest published programme, or None."""
        from .schedule import Placement, Schedule  # models refer to each other

        newest = Schedule.objects.published().filter(event=OuterRef(OuterRef("pitch__event")))
        place = Placement.objects.filter(
            proposal=OuterRef("pk"), schedule=Subquery(newest.values("pk")[:1])
        )
        return self.annotate(
            starts_at=Subquery(place.values("during__startswith")),
            ends_at=Subquery(place.values("during__endswith")),
            room_name=Subquery(place.values("room__name")),
        )

    def with_interest_apart(self) -> Self:
        """``member_count`` and ``visitor_count``: who wants to come with and without an account."""
        from .interest import Interest  # models refer to each other

        wanted = Interest.objects.filter(proposal=OuterRef("pk"))
        return self.annotate(**Interest.counts_apart(wanted, by="proposal"))

    def with_pitch(self) -> Self:
        """One join; for ``proposal.heading`` and hosts."""
        return self.select_related("pitch__event")

    def with_hosts(self) -> Self:
        """One query more; ``proposal.pitch.hosts.all()`` is then in order and asks nothing."""
        hosts = Host.objects.accepted().select_related("person__profile")
        return self.prefetch_related(Prefetch("pitch__hosts", hosts))


@tracked(exclude=("search",))
class Proposal(models.Model):
    """One thing that can take place. ``state`` is assigned by :mod:`sessions.decisions` only."""

    class Format(models.TextChoices):
        IMPULS = "impuls", _("Impulse")
        DISKUSSION = "diskussion", _("Discussion")
        WORKSHOP = "workshop", _("Workshop")
        FISHBOWL = "fishbowl", _("Fishbowl")
        BLITZ = "blitz", _("Lightning")

    class Ripeness(models.TextChoices):
        IDEA = "idea", _("an idea")
        HALF_BAKED = "half_baked", _("half-baked")
        READY = "ready", _("ready")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        WAITLISTED = "waitlisted", _("on the waiting list")
        DECLINED = "declined", _("declined")
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")
        WITHDRAWN = "withdrawn", _("withdrawn")
        MERGED = "merged", _("merged")

    SCHEDULABLE = frozenset({State.ACCEPTED, State.CONFIRMED})
    GONE = frozenset({State.CANCELLED, State.WITHDRAWN, State.MERGED})

    # from -> to; who may is the caller's matter, see sessions.decisions
    TRANSITIONS: ClassVar[dict[str, set[State]]] = {
        State.OPEN: {
            State.ACCEPTED, State.WAITLISTED, State.DECLINED, State.WITHDRAWN, State.MERGED,
        },
        State.WAITLISTED: {
            State.ACCEPTED, State.DECLINED, State.WITHDRAWN, State.MERGED,
        },
        State.DECLINED: {State.ACCEPTED, State.WITHDRAWN, State.MERGED},
        State.ACCEPTED: {
            State.CONFIRMED, State.CANCELLED, State.WITHDRAWN, State.MERGED,
        },
        State.CONFIRMED: {State.CANCELLED, State.WITHDRAWN, State.MERGED},
        State.CANCELLED: set(),
        State.WITHDRAWN: {State.OPEN},
        State.MERGED: set(),
    }  # fmt: skip

    pitch = models.ForeignKey(
        Pitch, models.CASCADE, related_name="proposals", verbose_name=_("pitch")
    )
    code = models.CharField(
        _("code"), max_length=12, unique=True, default=codes.new_code, editable=False
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(
        _("title"),
        max_length=TITLE_MAX_LENGTH,
        blank=True,
        help_text=_("Empty: the pitch’s title."),
    )
    abstract = models.TextField(
        _("what happens in it"), blank=True, validators=[MaxLengthValidator(BODY_MAX_LENGTH)]
    )
    format = models.CharField(_("format"), max_length=12, choices=Format, default=Format.IMPULS)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=45, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    ripeness = models.CharField(
        _("ripeness"), max_length=12, choices=Ripeness, default=Ripeness.READY
    )
    needs = models.CharField(_("needs"), max_length=200, blank=True)
    # What organisers make of the hosts' words above: it has to be in the room.
    features = features_field(_("the room must have"))
    state = models.CharField(
        _("state"), max_length=12, choices=State, default=State.OPEN, editable=False
    )
    prepared_state = models.CharField(
        _("prepared decision"),
        max_length=12,
        choices=State,
        blank=True,
        default="",
        editable=False,
    )
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="merged"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    search = models.GeneratedField(
        expression=search_vector("title", "abstract"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProposalQuerySet.as_manager()

    # Of with_interest_count() and with_place().
    interest_count: int
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    room_name: str | None

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [GinIndex(fields=["search"], name="proposal_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["pitch", "position"],
                name="proposal_position_once_per_pitch",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=480), name="proposal_minutes_sensible"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="proposal_merged_into_another",
            ),
        ]
        triggers = [BumpsVersion(events=OF_PITCH, unseen=("prepared_state",))]

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"{self.pitch.get_absolute_url()}#{self.anchor}"

    @property
    def heading(self) -> str:
        """The session's own title or the pitch's; needs ``pitch`` loaded."""
        return self.title or self.pitch.title

    @property
    def standing(self) -> str:
        """What is decided and what is prepared, as a form remembers what its page showed."""
        return f"{self.state}.{self.prepared_state}"

    @property
    def anchor(self) -> str:
        """Fragment on the pitch page."""
        return f"session-{self.code}"
