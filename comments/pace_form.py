from django import forms
from django.utils.translation import gettext_lazy as _

from comments.models import Pace


class PaceForm(forms.Form):
    pace = forms.ChoiceField(
        label=_("How often do mails come?"),
        choices=[
            (Pace.Choice.AT_ONCE, _("At once, one mail for each comment")),
            (Pace.Choice.DAILY, _("Once a day, in the evening")),
            (Pace.Choice.NEVER, _("Never")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how often mails come."),
            "invalid_choice": _("Choose how often mails come."),
        },
    )

    def clean_pace(self) -> Pace.Choice:
        return Pace.Choice(self.cleaned_data["pace"])
