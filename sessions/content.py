"""What hosts write into a pitch, as one value that can be kept, compared and stored."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from sessions.models import Pitch, Proposal

MAX_PROPOSALS = 5
MAX_TAGS = 5
TAG_MAX_LENGTH = 40
NEEDS_MAX_LENGTH = 200


@dataclass(frozen=True)
class ProposalContent:
    """What hosts say about one session; ``code`` names a stored one and is empty for a new one."""

    title: str = ""
    abstract: str = ""
    format: str = Proposal.Format.IMPULS.value
    ripeness: str = Proposal.Ripeness.READY.value
    minutes: int = 45
    needs: str = ""
    code: str = ""


# What is written to a proposal's row.
PROPOSAL_FIELDS = tuple(f.name for f in fields(ProposalContent) if f.name != "code")


@dataclass(frozen=True)
class Content:
    """All that hosts write into a pitch. At least one proposal, in order; tags sorted."""

    title: str = ""
    body: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    proposals: tuple[ProposalContent, ...] = (ProposalContent(),)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Content":
        """Undo ``dataclasses.asdict``, also after a journey through JSON."""
        proposals = tuple(ProposalContent(**proposal) for proposal in data["proposals"])
        return cls(**{**data, "tags": tuple(data["tags"]), "proposals": proposals})

    @property
    def token(self) -> str:
        """Changes with every word, whoever changed it and by whichever way."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]


def of(pitch: Pitch) -> Content:
    """What is stored; two queries."""
    proposals = tuple(of_proposal(row) for row in pitch.proposals.order_by("position"))
    return Content(
        title=pitch.title,
        body=pitch.body,
        language=pitch.language,
        tags=sorted_tags(tag.name for tag in pitch.tags.all()),
        proposals=proposals or (ProposalContent(),),
    )


def of_proposal(row: Any) -> ProposalContent:
    """Of a proposal or of a kept version of one."""
    return ProposalContent(**{name: getattr(row, name) for name in PROPOSAL_FIELDS}, code=row.code)


def sorted_tags(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))


@dataclass(frozen=True)
class Change:
    """One field before and after, worded in the active language; ``session`` is its heading."""

    label: str
    before: str
    after: str
    session: str = ""

    @property
    def long(self) -> bool:
        """Whether both texts do not fit on a line."""
        return "\n" in self.before + self.after or len(self.before) + len(self.after) > 240


def between(old: Content, new: Content) -> tuple[Change, ...]:
    """What changed, field by field; sessions are matched by code, those without one are new."""
    return (*_in_pitch(old, new), *_in_proposals(old, new))


def _in_pitch(old: Content, new: Content) -> Iterator[Change]:
    for name in ("title", "body"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(label(Pitch, name), before, after)
    if old.language != new.language:
        yield Change(label(Pitch, "language"), _language(old.language), _language(new.language))
    if old.tags != new.tags:
        yield Change(label(Pitch, "tags"), ", ".join(old.tags), ", ".join(new.tags))


def _in_proposals(old: Content, new: Content) -> Iterator[Change]:
    before = {proposal.code: proposal for proposal in old.proposals if proposal.code}
    after = {proposal.code for proposal in new.proposals}
    for proposal in new.proposals:
        known = before.get(proposal.code, ProposalContent(format="", ripeness="", minutes=0))
        heading = (proposal.title or new.title) if len(new.proposals) > 1 else ""
        for name in PROPOSAL_FIELDS:
            was, now = shown(known, name), shown(proposal, name)
            if was != now:
                yield Change(label(Proposal, name), was, now, heading)
    for code, proposal in before.items():
        if code not in after:
            yield Change(_("Session removed"), proposal.title or old.title, "")


def label(model: Any, name: str) -> str:
    text = str(model._meta.get_field(name).verbose_name)
    return text[:1].upper() + text[1:]


def shown(proposal: ProposalContent, name: str) -> str:
    """The value as a reader sees it: "Workshop" instead of "workshop", nothing for 0 minutes."""
    value = getattr(proposal, name)
    choices = dict(getattr(Proposal._meta.get_field(name), "flatchoices", ()))
    return str(choices.get(value, value or ""))


def _language(code: str) -> str:
    return get_language_info(code)["name_local"] if code else ""
