"""What the pages of the planner send: what is asked for, and what of it is taken over."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.models import Event, PlanDraft
from sessions.models.plan import MAX_SEED


class _Form(forms.Form):
    def first_error(self) -> str:
        return next(str(error) for errors in self.errors.values() for error in errors)


class SuggestForm(_Form):
    """``hurry`` asks for an answer at once, however many sessions there are."""

    mode = forms.ChoiceField(
        label=_("What may move"),
        choices=PlanDraft.Mode,
        initial=PlanDraft.Mode.FILL,
        widget=forms.RadioSelect,
    )
    seed = forms.IntegerField(min_value=0, max_value=MAX_SEED, widget=forms.HiddenInput)
    hurry = forms.BooleanField(required=False, widget=forms.HiddenInput)


class PlanForm(_Form):
    """``plan`` is one of the event's; without it the newest is meant."""

    plan = forms.ModelChoiceField(
        PlanDraft.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("This suggestion is gone. Ask for another."),
            "required": _("This suggestion is gone. Ask for another."),
        },
    )

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["plan"].queryset = event.plans.all()


class CodesField(forms.MultipleChoiceField):
    """Any codes: those that a plan does not name mean nothing to it."""

    def valid_value(self, value: str) -> bool:
        return True


class TakeForm(PlanForm):
    """``take`` are the codes of the sessions that are ticked."""

    take = CodesField(error_messages={"required": _("Tick at least one session.")})

    def __init__(self, *args, event: Event, **kwargs):
        super().__init__(*args, event=event, **kwargs)
        self.fields["plan"].required = True
        self.fields["plan"].queryset = event.plans.filter(state=PlanDraft.State.DONE)
