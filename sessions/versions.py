"""Every version of a pitch that was kept, read from the history that triggers write."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from sessions import content as contents
from sessions.content import Change, Content
from sessions.models import Pitch, Proposal, Tag
from speakers.models import Profile

PitchRow, ProposalRow, PitchTagRow = (
    apps.get_model("program", f"{name}History") for name in ("Pitch", "Proposal", "PitchTag")
)
GONE = "delete"  # label of the trigger that keeps a deleted row
NOTHING = Content(proposals=())
States = dict[str, tuple[str, str]]  # code to heading and worded state


@dataclass(frozen=True)
class Version:
    """What one writer did in one go. ``by`` is None for what the site itself did."""

    at: dt.datetime
    by: Profile | None
    changes: tuple[Change, ...]


@dataclass
class _Rows:
    """The rows of a pitch as they were at one moment."""

    pitch: Any = None
    proposals: dict[int, Any] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)

    def apply(self, row: Any, tags: dict[int, Tag]) -> None:
        gone = row.pgh_label == GONE
        if isinstance(row, PitchRow):
            self.pitch = row
        elif isinstance(row, ProposalRow):
            self.proposals.pop(row.pgh_obj_id, None)
            if not gone:
                self.proposals[row.pgh_obj_id] = row
        else:
            self.tags.pop(row.pgh_obj_id, None)
            if not gone and row.tag_id in tags:
                self.tags[row.pgh_obj_id] = tags[row.tag_id].name

    def content(self) -> Content:
        if self.pitch is None:
            return NOTHING
        return Content(
            title=self.pitch.title,
            body=self.pitch.body,
            language=self.pitch.language,
            tags=contents.sorted_tags(self.tags.values()),
            proposals=tuple(
                contents.of_proposal(row)
                for row in sorted(self.proposals.values(), key=lambda row: row.position)
            ),
        )

    def states(self) -> States:
        """Of the pitch (key "") and its sessions. A prepared decision is the organisers' secret."""
        if self.pitch is None:
            return {}
        several = len(self.proposals) > 1
        sessions = {
            row.code: (
                (row.title or self.pitch.title) if several else "",
                str(row.get_state_display()),
            )
            for row in self.proposals.values()
        }
        return {"": ("", str(self.pitch.get_state_display())), **sessions}


def of(pitch: Pitch) -> list[Version]:
    """The versions, the newest first. Five queries, however many there are."""
    rows = _rows(pitch)
    tags = Tag.objects.in_bulk({row.tag_id for row in rows if isinstance(row, PitchTagRow)})
    people = Profile.objects.in_bulk({_writer(row) for row in rows}, field_name="user_id")
    now, content, found = _Rows(), NOTHING, []
    states: States = {}
    for _key, together in groupby(rows, key=_occasion):
        for row in together:
            now.apply(row, tags)
        changes = (
            *contents.between(content, now.content()),
            *_between_states(states, now.states()),
        )
        content, states = now.content(), now.states()
        if changes:
            found.append(Version(row.pgh_created_at, people.get(_writer(row)), changes))
    return found[::-1]


def _rows(pitch: Pitch) -> list[Any]:
    """All kept rows of the pitch, its sessions and its tags, in the order they were written."""
    kept = (
        PitchRow.objects.filter(pgh_obj_id=pitch.pk),
        ProposalRow.objects.filter(pitch_id=pitch.pk),
        PitchTagRow.objects.filter(content_object_id=pitch.pk),
    )
    rows = chain.from_iterable(query.select_related("pgh_context") for query in kept)
    return sorted(rows, key=lambda row: (row.pgh_created_at, row.pgh_id))


def _occasion(row: Any) -> Any:
    """Rows of one request belong together, else those of one transaction."""
    return row.pgh_context_id or row.pgh_created_at


def _writer(row: Any) -> int | None:
    """Key of the account that sent the request."""
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def _between_states(old: States, new: States) -> Iterator[Change]:
    for key, (heading, state) in new.items():
        begun = Proposal.State.OPEN if key else Pitch.State.DRAFT
        before = old[key][1] if key in old else str(begun.label)
        if before != state:
            yield Change(_("State"), before, state, heading)
