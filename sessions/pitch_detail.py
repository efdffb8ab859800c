"""The page of one pitch: finding it, and what stands on it beside its discussion."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString

from config.lib.text import render_markdown
from sessions.access import Viewer
from sessions.interests import Mark, Marks
from sessions.models import Event, Pitch, Proposal, Tag
from sessions.scheduling import moved
from sessions.scheduling.changes import Moved
from sessions.walls import hanging


def load(event: Event, code: str, *, user: Viewer) -> Pitch:
    """A pitch with all that its page shows: four queries. Raises ``Pitch.DoesNotExist``."""
    sessions = (
        Proposal.objects.with_interest_count()
        .with_place()
        .annotate(seen=moved.seen(event, proposal="pk"))
        .select_related("merged_into__pitch")
        .defer("search", "merged_into__search", "merged_into__pitch__search")
        .order_by("position")
    )
    pitches = event.pitches.visible_to(user).defer("search")
    loaded = pitches.prefetch_related(Prefetch("proposals", sessions)).with_hosts().with_tags()
    return loaded.get(code=code)


def find(code: str, *, user: Viewer) -> Pitch | Proposal:
    """Whatever a short code names and ``user`` may see; 404 for everything else.

    What is part of another now is found there.
    """
    events = Event.objects.visible_to(user)
    pitches = Pitch.objects.visible_to(user).filter(event__in=events)
    named = Q(code=code) | Q(pk__in=Pitch.objects.merged().filter(code=code).values("merged_into"))
    with contextlib.suppress(Pitch.DoesNotExist):
        return pitches.select_related("event").get(named)
    sessions = Proposal.objects.with_pitch().select_related("pitch__merged_into")
    sessions = sessions.select_related("merged_into__pitch__event")
    here = Q(pitch__in=pitches) | Q(pitch__merged_into__in=pitches)
    session = get_object_or_404(sessions, here, code=code)
    if (heir := session.pitch.merged_into) is None:
        return session
    heir.event = session.pitch.event
    return session.merged_into or heir


def heir(event: Event, code: str) -> Pitch | None:
    """The pitch that another one became part of; who may see it is asked on its own page."""
    merged = event.pitches.merged().select_related("merged_into").filter(code=code).first()
    if merged is None or merged.merged_into is None:
        return None
    merged.merged_into.event = event
    return merged.merged_into


@dataclass(frozen=True)
class Session:
    """A proposal as the page shows it to one reader."""

    proposal: Proposal
    mark: Mark
    abstract: SafeString

    @property
    def is_placed(self) -> bool:
        """In the newest published programme, and not cancelled since."""
        return self.proposal.state in Proposal.SCHEDULABLE and self.proposal.starts_at is not None

    @property
    def move(self) -> Moved | None:
        """How it came to its place, if that was since the event began."""
        if not self.is_placed:
            return None
        seen = self.proposal.seen  # type: ignore[attr-defined]  # of load()
        return moved.latest(self.proposal.pk, seen)


def sessions(pitch: Pitch, marks: Marks) -> list[Session]:
    """In the order of the pitch; asks nothing after :func:`load`."""
    return [
        Session(proposal, marks.of(proposal), render_markdown(proposal.abstract))
        for proposal in pitch.proposals.all()
    ]


def related(pitch: Pitch, tags: Iterable[Tag], *, limit: int = 4) -> list[Pitch]:
    """Other pitches with the same tags, most shared first, each with ``shared`` and ``format``."""
    first = Proposal.objects.on_the_wall().filter(pitch=OuterRef("pk")).order_by("position")
    others = (
        hanging(pitch.event)
        .exclude(pk=pitch.pk)
        .filter(tag_items__tag__in=[tag.pk for tag in tags])
        .annotate(shared=Count("tag_items"), format=Subquery(first.values("format")[:1]))
    )
    return list(others.defer("search", "body").order_by("-shared", "-published_at", "-pk")[:limit])
