from django import forms
from django.utils.translation import gettext_lazy as _

from comments.models import Flag, HouseRule
from config.lib.forms import CleanCharField


class FlagForm(forms.Form):
    """A reader's report of a comment."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=HouseRule.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    note = CleanCharField(
        label=_("Note"),
        required=False,
        max_length=Flag._meta.get_field("note").max_length,
        help_text=_("Only the moderators read it."),
    )
