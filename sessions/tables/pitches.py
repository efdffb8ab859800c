"""Pitches as a table, a row for each of their sessions."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from config.lib import text
from config.lib.forms import CleanCharField, CleanEmailField, CleanTextField
from sessions import content as contents
from sessions import pitching
from sessions.content import MAX_PROPOSALS, NEEDS_MAX_LENGTH, Content, ProposalContent
from sessions.forms.fields import TagsField
from sessions.models import Pitch, Proposal
from sessions.tables.base import Table, column
from sessions.tables.grids import FEATURES_MAX, FeaturesField
from speakers import accounts
from speakers.models import User

PITCH_FIELDS = ("title", "body", "language", "tags", "state")
SESSION_FIELDS = ("abstract", "format", "minutes", "ripeness", "needs")


@dataclass
class PitchRow:
    pitch: str = ""
    session: str = ""
    email: str = ""
    title: str = ""
    body: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    state: str = Pitch.State.DRAFT.value
    session_title: str = ""
    abstract: str = ""
    format: str = ProposalContent.format
    minutes: int = ProposalContent.minutes
    ripeness: str = ProposalContent.ripeness
    needs: str = ""
    features: tuple[str, ...] = ()
    decision: str = ""
    members: int | None = None
    visitors: int | None = None


def _line(max_length: int, *, required: bool = False) -> CleanCharField:
    return CleanCharField(max_length=max_length, required=required)


def _text() -> CleanTextField:
    return CleanTextField(max_length=text.BODY_MAX_LENGTH, required=False)


class Pitches(Table):
    """A row is known by the code of its session; without one by the owner's address and the
    titles, so that the same file twice changes nothing.

    Rows of one pitch have to say the same of it, for otherwise the last of them would win. Hosts
    write what they need in words; ``features`` are what organisers make of them.
    """

    slug = "pitches"
    label = gettext_lazy("Pitches with their sessions")
    required = ("email", "title")

    pitch = column("pitch")
    session = column("session")
    email = column("email", CleanEmailField())
    title = column("title", _line(text.TITLE_MAX_LENGTH, required=True))
    body = column("body", _text())
    language = column("language", forms.ChoiceField(choices=settings.LANGUAGES))
    tags = column("tags", TagsField(required=False))
    state = column("state", forms.ChoiceField(choices=Pitch.State.choices))
    session_title = column("session_title", _line(text.TITLE_MAX_LENGTH))
    abstract = column("abstract", _text())
    format = column("format", forms.ChoiceField(choices=Proposal.Format.choices))
    minutes = column("minutes", forms.IntegerField(min_value=5, max_value=480))
    ripeness = column("ripeness", forms.ChoiceField(choices=Proposal.Ripeness.choices))
    needs = column("needs", _line(NEEDS_MAX_LENGTH))
    features = column("features", FeaturesField(max_length=FEATURES_MAX, required=False))
    decision = column("decision")
    members = column("members")
    visitors = column("visitors")

    def rows(self) -> Iterator[PitchRow]:
        """Two queries."""
        return map(_row, self._proposals().order_by("pitch__created_at", "pitch", "position"))

    def _proposals(self) -> Any:
        return (
            Proposal.objects.of_event(self.event)
            .exclude(pitch__state=Pitch.State.MERGED)
            .exclude(state=Proposal.State.MERGED)
            .select_related("pitch")
            .annotate(owner=F("pitch__owner__email"))
            .with_interest_apart()
            .prefetch_related("pitch__tags")  # type: ignore[misc]  # taggit is untyped
        )

    def blank(self) -> PitchRow:
        return PitchRow(language=self.event.language)

    def before_import(self, dataset: Dataset, **kwargs: object) -> None:
        self.stored: dict[str, Any] = {proposal.code: proposal for proposal in self._proposals()}
        self.told: dict[Hashable, tuple[int, dict[str, str]]] = {}

    def find(self, row: dict[str, str]) -> PitchRow | None:
        found = self._coded(row)
        pitch = found.pitch if found else self._pitch(row)
        if found is None and pitch is not None:
            titled = text.clean_line(row.get("session_title", ""))
            found = self._proposals().filter(pitch=pitch, title=titled).first()
        key = None if row.get("session") else _key(row)
        self.once("title", key, found.code if found else None)
        self._agree(row, pitch.pk if pitch else None, key and key[:2])
        return _row(found) if found else None

    def _coded(self, row: dict[str, str]) -> Any:
        """The session that a code names, None without one."""
        pitches = {proposal.pitch.code for proposal in self.stored.values()}
        for name, known in (("session", self.stored), ("pitch", pitches)):
            if row.get(name) and row[name] not in known:
                said = _("There is no “%(id)s” in this event.") % {"id": row[name][:20]}
                raise ValidationError({name: said})
        found = self.stored.get(row.get("session", ""))
        if found and row.get("pitch", found.pitch.code) not in ("", found.pitch.code):
            raise ValidationError({"session": _("This session belongs to another pitch.")})
        return found

    def _agree(self, row: dict[str, str], *keys: Hashable) -> None:
        for key in filter(None, keys):
            number, told = self.told.setdefault(key, (self.number, row))
            for name in PITCH_FIELDS:
                if row.get(name) != told.get(name):
                    said = _("Row %(number)d says something else of the same pitch.")
                    raise ValidationError({name: said % {"number": number}})

    def _pitch(self, row: dict[str, str]) -> Pitch | None:
        """By its code, or by the address of its owner and its title."""
        pitches = self.event.pitches.exclude(state=Pitch.State.MERGED)
        if row.get("pitch"):
            return pitches.get(code=row["pitch"])
        email, title, _session = _key(row)
        return pitches.filter(owner__email__iexact=email, title__iexact=title).first()

    def write(self, row: PitchRow, *, is_new: bool) -> None:
        try:
            pitch = self._written(row, is_new=is_new)
            self._demand(pitch, row)
            if row.state != pitch.state:
                if (pitch.state, row.state) != (Pitch.State.DRAFT, Pitch.State.PUBLIC):
                    raise ValidationError(
                        {"state": _("Only a draft can be hung up here, nothing be taken down.")}
                    )
                pitching.publish(pitch, by=self.by, now=self.now)
        except (pitching.PitchingClosed, pitching.NotPossible) as error:
            raise ValidationError({"state": str(error)}) from error
        except pitching.BodyMissing as error:
            raise ValidationError({"body": str(error)}) from error

    def _written(self, row: PitchRow, *, is_new: bool) -> Pitch:
        pitch = self._pitch(vars(row))
        if pitch is None:
            owner = self._owner(row.email)
            content = _content(row, (_proposal(row),))
            return pitching.create(self.event, by=owner, content=content, now=self.now)
        if pitch.owner.email.lower() != row.email.lower():
            raise ValidationError({"email": _("A pitch keeps its owner.")})
        stored = contents.of(pitch).proposals
        if is_new:
            proposals = (*stored, _proposal(row))
        else:
            proposals = tuple(
                replace(_proposal(row), code=old.code) if old.code == row.session else old
                for old in stored
            )
        if len(proposals) > MAX_PROPOSALS:
            said = _("A pitch holds at most %(max)d sessions.") % {"max": MAX_PROPOSALS}
            raise ValidationError({"title": said})
        return pitching.edit(pitch, by=self.by, content=_content(row, proposals), now=self.now)

    def _demand(self, pitch: Pitch, row: PitchRow) -> None:
        """Of the room; what hosts write leaves it alone."""
        session = pitch.proposals.filter(
            **({"code": row.session} if row.session else {"title": row.session_title})
        ).latest("position")
        if tuple(session.features) == row.features:
            return
        try:
            Proposal._meta.get_field("features").clean(list(row.features), session)
        except ValidationError as error:
            raise ValidationError({"features": error.messages}) from error
        session.features = list(row.features)
        session.save(update_fields=["features"])

    def _owner(self, email: str) -> User:
        known = User.objects.filter(email__iexact=email).first()
        name = email.partition("@")[0]
        return known or accounts.create(email, name=name, language=self.event.language)


def _key(row: dict[str, str]) -> tuple[str, str, str]:
    names = ("email", "title", "session_title")
    email, title, session = (text.clean_line(row.get(name, "")).casefold() for name in names)
    return email, title, session


def _row(proposal: Any) -> PitchRow:
    """Of a session as :meth:`Pitches._proposals` loads it."""
    pitch = proposal.pitch
    return PitchRow(
        pitch=pitch.code,
        session=proposal.code,
        email=proposal.owner,
        title=pitch.title,
        body=pitch.body,
        language=pitch.language,
        tags=contents.sorted_tags(tag.name for tag in pitch.tags.all()),
        state=pitch.state,
        session_title=proposal.title,
        decision=proposal.state,
        members=proposal.member_count,
        visitors=proposal.visitor_count,
        features=tuple(proposal.features),
        **{name: getattr(proposal, name) for name in SESSION_FIELDS},
    )


def _proposal(row: PitchRow) -> ProposalContent:
    told = {name: getattr(row, name) for name in SESSION_FIELDS}
    return ProposalContent(title=row.session_title, **told)


def _content(row: PitchRow, proposals: tuple[ProposalContent, ...]) -> Content:
    return Content(
        title=row.title, body=row.body, language=row.language, tags=row.tags, proposals=proposals
    )
