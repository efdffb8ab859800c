"""What the board's buttons send: sessions as the page showed them, and places."""

import datetime as dt
import re
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanTextField
from sessions.models import Event, Proposal
from sessions.scheduling.cards import Card, Cell
from sessions.scheduling.waiting import Choice

SEEN = re.compile(r"(?P<code>[a-z0-9]{1,12})(?:/(?P<token>[0-9]{1,18}\.[0-9]{1,9})?)?", re.ASCII)
SPOT = re.compile(r"(?P<room>[0-9]{1,9})@(?P<start>\d{4}-\d\d-\d\dT\d\d:\d\d)", re.ASCII)

KNEW = re.compile(r"(?P<told>[0-9]{1,18})-(?P<newest>[0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Knew:
    """What the organiser's page knew: it tells of moves after ``told``, the last was ``newest``."""

    told: int
    newest: int

    @classmethod
    def read(cls, header: str) -> "Knew | None":
        match = KNEW.fullmatch(header)
        return cls(int(match["told"]), int(match["newest"])) if match else None


class SeenField(forms.Field):
    """``code/token``, found among the event's sessions."""

    default_error_messages = {"gone": _("This session is not on the board any more.")}
    event: Event

    def clean(self, value: str | None) -> Card:
        match = SEEN.fullmatch(value or "")
        proposal = match and (
            Proposal.objects.of_event(self.event).with_pitch().filter(code=match["code"]).first()
        )
        if not match or not proposal:
            raise ValidationError(self.error_messages["gone"], code="gone")
        return Card(proposal, match["token"] or "")


class SpotField(forms.Field):
    """``room@start`` with the start in UTC, the room one of the event's."""

    default_error_messages = {"gone": _("This place is not on the board any more. Pick another.")}
    event: Event

    def clean(self, value: str | None) -> Cell:
        match = SPOT.fullmatch(value or "")
        room = match and self.event.rooms.filter(pk=match["room"]).first()
        try:
            starts_at = match and dt.datetime.fromisoformat(match["start"]).replace(tzinfo=dt.UTC)
        except ValueError:
            starts_at = None
        if not room or not starts_at:
            raise ValidationError(self.error_messages["gone"], code="gone")
        return Cell(room, starts_at)


class BoardForm(forms.Form):
    """``session`` is the one that the button belongs to, or the one that is held."""

    session = SeenField()

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.event = event

    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)


class MoveForm(BoardForm):
    to = SpotField()


class SwapForm(BoardForm):
    other = SeenField()


class WaitingForm(forms.Form):
    """Order and filters of the sessions beside the grid, from the address; nonsense is ignored."""

    ORDERS = (
        ("interest", _("Interest")),
        ("title", _("Title")),
        ("format", _("Format")),
        ("newest", _("Newest")),
    )

    sort = forms.ChoiceField(choices=ORDERS, required=False)
    format = forms.ChoiceField(choices=Proposal.Format.choices, required=False)
    tag = CleanTextField(required=False, max_length=100)
    q = CleanTextField(required=False, max_length=100)

    @property
    def choice(self) -> Choice:
        self.is_valid()
        return Choice(**{name: value for name, value in self.cleaned_data.items() if value})
