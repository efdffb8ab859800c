"""The page on which a pitch is written: one form for the pitch, one for each of its sessions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.lib import text
from config.lib.forms import CleanCharField, CleanTextField
from sessions.content import MAX_PROPOSALS, NEEDS_MAX_LENGTH, Content, ProposalContent
from sessions.forms.fields import ChosenField, MinutesField, TagsField
from sessions.models import Event, Proposal
from speakers.forms import IdentifyForm

SESSION_FIELD = re.compile(r"session-(\d{1,2})-")
DEFAULTS = ProposalContent()


class PitchForm(forms.Form):
    """``complete`` asks for a text, too; a draft does with a title."""

    title = CleanCharField(
        label=_("Title"),
        max_length=text.TITLE_MAX_LENGTH,
        help_text=_("Short enough to be read on a card."),
        error_messages={"required": _("The title is missing. It goes on the card.")},
    )
    body = CleanTextField(
        label=_("What is it about?"),
        max_length=text.BODY_MAX_LENGTH,
        help_text=_("Two sentences will do. Markdown works: **bold**, [link](https://…), lists."),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("The text is missing. Two sentences will do.")},
    )
    tags = TagsField(
        label=_("Tags"),
        required=False,
        help_text=_("Separated by commas, at most five."),
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )
    language = ChosenField(label=_("Language of the pitch"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, event: Event, complete: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        # Not required in HTML: the form is sent for drafts and previews, too.
        self.fields["body"].required = complete
        self.use_required_attribute = False
        self.fields["language"].initial = event.language


class SessionForm(forms.Form):
    """One session. The first may leave its title to the pitch; a further one needs its own."""

    code = forms.CharField(required=False, widget=forms.HiddenInput)
    title = CleanCharField(
        label=_("Title of the session"),
        max_length=text.TITLE_MAX_LENGTH,
        error_messages={"required": _("A further session needs a title of its own.")},
    )
    abstract = CleanTextField(
        label=_("What happens in it?"),
        max_length=text.BODY_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    format = ChosenField(
        label=_("Format"),
        choices=Proposal.Format.choices,
        initial=DEFAULTS.format,
        widget=forms.RadioSelect,
    )
    ripeness = ChosenField(
        label=_("How ripe is it?"),
        choices=Proposal.Ripeness.choices,
        initial=DEFAULTS.ripeness,
        widget=forms.RadioSelect,
    )
    minutes = MinutesField(
        label=_("Length in minutes"),
        min_value=5,
        max_value=480,
        initial=DEFAULTS.minutes,
        error_messages={
            "required": _("Write the minutes as a number."),
            "invalid": _("Write the minutes as a number."),
            "min_value": _("At least %(limit_value)d minutes, please."),
            "max_value": _("At most %(limit_value)d minutes, please."),
        },
    )
    needs = CleanCharField(
        label=_("What do you need?"),
        max_length=NEEDS_MAX_LENGTH,
        required=False,
        help_text=_("Such as a projector, flip chart or a circle of chairs."),
    )

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        number: int,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, prefix=f"session-{number}", initial=initial)
        self.number = number
        self.use_required_attribute = False
        self.is_blank = False
        if number == 0:
            self.fields["title"].required = False
            self.fields["title"].help_text = _("Empty: the title of the pitch.")

    def clean(self) -> dict[str, Any]:
        """A further block in which nothing was written is left off."""
        super().clean()
        data = self.cleaned_data
        untitled = self.has_error("title", "required")
        if untitled and not any(data.get(name) for name in ("code", "abstract", "needs")):
            self.is_blank = True
            del self.errors["title"]
        return data

    def content(self) -> ProposalContent:
        return ProposalContent(**self.cleaned_data)


class PitchForms:
    """All forms of the page. ``data`` checks what was typed; without it ``content`` (stored or
    kept) or ``typed`` (as posted, unchecked) is shown.
    """

    def __init__(
        self,
        event: Event,
        *,
        data: Mapping[str, str] | None = None,
        content: Content | None = None,
        typed: tuple[dict[str, Any], list[dict[str, Any]]] | None = None,
        complete: bool = True,
        anonymous: bool = False,
    ) -> None:
        initial, sessions = typed or _initial(content)
        numbers = range(count_sessions(data) if data is not None else len(sessions))
        self.pitch = PitchForm(data, initial=initial, event=event, complete=complete)
        self.sessions = [
            SessionForm(
                data,
                number=number,
                initial=sessions[number] if data is None else None,
            )
            for number in numbers
        ]
        identifies = anonymous and data is not None and "email" in data
        identity = initial if typed else None
        self.identity = (
            IdentifyForm(data if identifies else None, initial=identity) if anonymous else None
        )

    def __iter__(self) -> Iterator[forms.Form]:
        yield self.pitch
        yield from self.sessions
        if self.identity is not None:
            yield self.identity

    def is_valid(self) -> bool:
        """Checks every form, so that all errors are shown at once."""
        checked = [form.is_valid() for form in self]
        return all(checked) and not self.too_many

    @property
    def lost_log_in(self) -> bool:
        """Posted from a page that did not ask who is writing: the session has ended since."""
        return self.identity is not None and self.pitch.is_bound and not self.identity.is_bound

    @property
    def too_many(self) -> bool:
        return len(self.sessions) > MAX_PROPOSALS

    @property
    def takes_more(self) -> bool:
        return len(self.sessions) < MAX_PROPOSALS

    def wrong_fields(self) -> list[forms.BoundField]:
        return [field for form in self for field in form if field.errors]

    @property
    def in_blocks(self) -> bool:
        """Whether sessions are shown one by one, with titles of their own."""
        first = self.sessions[0]
        return len(self.sessions) > 1 or any(
            first[name].value() or first[name].errors for name in ("title", "abstract")
        )

    @property
    def shows_more(self) -> bool:
        """Whether anything hidden behind "more" was filled in or refused."""
        hidden = [self.pitch["tags"], self.pitch["language"]]
        if not self.in_blocks:
            hidden += [self.sessions[0][name] for name in ("ripeness", "minutes", "needs")]
        usual = {"", self.pitch.event.language, DEFAULTS.ripeness, str(DEFAULTS.minutes)}
        return any(field.errors or str(field.value() or "") not in usual for field in hidden)

    def content(self) -> Content:
        """What was written, after :meth:`is_valid`."""
        written = [form.content() for form in self.sessions if not form.is_blank]
        return Content(**self.pitch.cleaned_data, proposals=tuple(written))


def count_sessions(data: Mapping[str, str]) -> int:
    """How many blocks were posted, at least one; one more than fit stands for any number."""
    numbers = [int(match[1]) for key in data if (match := SESSION_FIELD.match(key))]
    return min(max(numbers, default=0), MAX_PROPOSALS) + 1


def read_typed(
    data: Mapping[str, str],
    *,
    add: bool = False,
    remove: int | None = None,
    back: Iterable[ProposalContent] = (),
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was typed, unchecked and to be shown again: with one block more, without one, or
    with stored ones ``back`` that had been taken out.
    """
    pitch = _typed(data, "", (*PitchForm.base_fields, *IdentifyForm.base_fields))
    sessions = [
        _typed(data, f"session-{number}-", SessionForm.base_fields)
        for number in range(count_sessions(data))
    ]
    if remove is not None and remove < len(sessions) and len(sessions) > 1:
        del sessions[remove]
    if add and len(sessions) < MAX_PROPOSALS:
        sessions.append({})
    sessions += [asdict(proposal) for proposal in back]
    return pitch, sessions


def _typed(data: Mapping[str, str], prefix: str, names: Iterable[str]) -> dict[str, Any]:
    return {name: text.clean(data[prefix + name]) for name in names if prefix + name in data}


def _initial(content: Content | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if content is None:
        return {}, [{}]
    pitch = {name: getattr(content, name) for name in ("title", "body", "language")}
    pitch["tags"] = ", ".join(content.tags)
    return pitch, [asdict(proposal) for proposal in content.proposals]
