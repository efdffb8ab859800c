"""What the pages of the day send: publish, a session on the spot, a delay."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanCharField, CleanEmailField, CleanTextField
from sessions.models import Pitch, Proposal, Schedule
from sessions.on_the_spot import FreeCell, Idea
from sessions.scheduling.delay import Lag
from sessions.scheduling.grid import Slot
from speakers.models import User

LONGEST_DELAY = 240


class PublishForm(forms.Form):
    """``knows`` is asked for only where something is a pity; :mod:`publish` insists on it."""

    changelog = CleanTextField(
        label=_("What is new"),
        required=False,
        max_length=Schedule._meta.get_field("changelog").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everyone can read it beside the version. It may stay empty."),
    )
    knows = forms.BooleanField(label=_("I know of this"), required=False)

    def __init__(self, *args, asks: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["knows"]


class SpotForm(forms.Form):
    """A session on the spot. ``owner`` is whoever has the address, or else the organiser."""

    title = CleanCharField(
        label=_("Title"),
        max_length=Pitch._meta.get_field("title").max_length,
        error_messages={"required": _("The title is missing. It goes on the card.")},
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    to = forms.ChoiceField(
        label=_("When and where"),
        error_messages={
            "required": _("Pick a free place."),
            "invalid_choice": _("This place is not free any more. Pick another."),
        },
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=Proposal.Format,
        initial=Proposal.Format.IMPULS,
        widget=forms.RadioSelect,
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=5,
        max_value=480,
        help_text=_("Empty: as long as the slot."),
    )
    host = CleanCharField(
        label=_("Who leads it"),
        required=False,
        max_length=80,
        help_text=_("Somebody without an account. The name is written into the text."),
    )
    email = CleanEmailField(
        label=_("E-mail address of their account"),
        required=False,
        help_text=_("Then the session is theirs. Without a name and an address it is yours."),
    )
    about = CleanTextField(
        label=_("What it is about"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, cells: list[FreeCell], **kwargs):
        super().__init__(*args, **kwargs)
        self.cells = {cell.value: cell for cell in cells}
        self.fields["to"].choices = [(value, _label(cell)) for value, cell in self.cells.items()]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        self.owner = User.objects.filter(email__iexact=email, is_active=True).first()
        if email and self.owner is None:
            raise ValidationError(
                _("There is no account with this address. Leave it empty and write the name above.")
            )
        return email

    @property
    def cell(self) -> FreeCell:
        return self.cells[self.cleaned_data["to"]]

    def idea(self, *, by: User) -> Idea:
        typed = self.cleaned_data
        return Idea(
            title=typed["title"],
            owner=self.owner or by,
            host="" if self.owner else typed["host"],
            about=typed["about"],
            format=typed["format"],
            minutes=typed["minutes"] or self.cell.minutes,
        )


class DelayForm(forms.Form):
    """``since`` is the start of a slot, in UTC; ``makes_up`` a break or a plenary of that day."""

    since = forms.TypedChoiceField(
        label=_("From when on"),
        coerce=lambda value: dt.datetime.fromisoformat(value),
        error_messages={"invalid_choice": _("Nothing begins then any more. Pick another time.")},
    )
    minutes = forms.IntegerField(
        label=_("How many minutes later"),
        min_value=-LONGEST_DELAY,
        max_value=LONGEST_DELAY,
        help_text=_("With a minus: earlier, back to the plan."),
    )
    makes_up = forms.ChoiceField(
        label=_("What makes up for it"),
        required=False,
        error_messages={"invalid_choice": _("This break is over. Pick another.")},
    )

    def __init__(self, *args, slots: list[Slot], **kwargs):
        super().__init__(*args, **kwargs)
        self.slots = {str(slot.id): slot for slot in slots[1:] if not slot.takes_sessions}
        self.fields["since"].choices = [
            (slot.span.starts_at.astimezone(dt.UTC).isoformat(), _when(slot)) for slot in slots
        ]
        self.fields["makes_up"].choices = [
            ("", _("Nothing, the whole rest of the day moves")),
            *((pk, _makes_up(slot)) for pk, slot in self.slots.items()),
        ]
        if not self.slots:
            del self.fields["makes_up"]

    def clean_minutes(self) -> int:
        minutes = self.cleaned_data["minutes"]
        if minutes == 0:
            raise ValidationError(_("Nothing is moved by zero minutes."))
        return minutes

    def clean(self):
        typed = super().clean()
        if {"since", "minutes"} <= typed.keys() and (slot := self.lag.makes_up):
            days = {timezone.localdate(at) for at in (typed["since"], slot.span.starts_at)}
            if slot.span.starts_at <= typed["since"] or len(days) > 1:
                self.add_error("makes_up", _("Pick what comes later on the same day."))
            elif self.lag.is_too_long:
                self.add_error("makes_up", _("This is too short to make up for so many minutes."))
        return typed

    @property
    def lag(self) -> Lag:
        """What a form without errors asks for."""
        typed = self.cleaned_data
        makes_up = self.slots.get(typed.get("makes_up", ""))
        return Lag(typed["since"], typed["minutes"], makes_up)


def _makes_up(slot: Slot) -> str:
    told = {"title": slot.title or slot.kind_label}
    for key, at in (("start", slot.span.starts_at), ("end", slot.span.ends_at)):
        told[key] = date_format(timezone.localtime(at), "H:i")
    return _("%(title)s, now %(start)s to %(end)s: begins later, ends as planned") % told


def _when(slot: Slot) -> str:
    start = date_format(timezone.localtime(slot.span.starts_at), "D H:i")
    return f"{start} {slot.title}".strip()


def _label(cell: FreeCell) -> str:
    return f"{_when(cell.slot)}, {cell.room.name}"
