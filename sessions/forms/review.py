"""What the buttons and fields of the review send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanCharField, CleanTextField
from sessions.models import OrganiserNote, Pitch, SavedFilter, Vote
from sessions.models.proposal import Proposal

State = Proposal.State
BACK = "back"


class SessionForm(forms.Form):
    """``session`` is the code of one of the pitch's."""

    session = forms.ModelChoiceField(
        queryset=Proposal.objects.none(),
        to_field_name="code",
        error_messages={"invalid_choice": _("This session is not part of this pitch any more.")},
    )

    def __init__(self, *args, pitch: Pitch, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = pitch.proposals.with_pitch()

    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)


class DecisionForm(SessionForm):
    """``seen`` is how the session stood on the page; ``state`` is "" to take a decision back."""

    state = forms.ChoiceField(
        choices=[
            (state, state) for state in (State.ACCEPTED, State.WAITLISTED, State.DECLINED, BACK)
        ]
    )
    seen = forms.CharField(max_length=30)

    def clean_state(self) -> str:
        return self.cleaned_data["state"].replace(BACK, "")


class VoteForm(SessionForm):
    value = forms.TypedChoiceField(choices=Vote.Value.choices, coerce=int)


class NoteForm(forms.Form):
    text = CleanTextField(
        label=_("New note"),
        max_length=OrganiserNote._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only organisers see it."),
        error_messages={"required": _("The note is empty.")},
    )


class FilterForm(forms.Form):
    name = CleanCharField(
        label=_("Name of this view"),
        max_length=SavedFilter._meta.get_field("name").max_length,
        error_messages={"required": _("The name is missing. Under it you find the view again.")},
    )
