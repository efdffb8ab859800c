"""What a copy of an event does not take over: its name, its address, its days."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanCharField
from sessions.models import Event

FIRST_YEAR, LAST_YEAR = 2000, 2100


class CopyForm(forms.Form):
    name = CleanCharField(label=_("Name"), max_length=Event._meta.get_field("name").max_length)
    slug = forms.SlugField(
        label=_("Address"),
        max_length=Event._meta.get_field("slug").max_length,
        help_text=_("Part of every address of this event, such as neo15."),
    )
    starts_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    with_team = forms.BooleanField(label=_("Take the team along"), required=False)

    def clean_starts_on(self) -> dt.date:
        day = self.cleaned_data["starts_on"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("Pick a day in this century."))
        return day

    def refuse(self, error: ValidationError) -> None:
        """Show what the model says, beside the field if there is one."""
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)
