from django import forms
from django.utils.translation import gettext_lazy as _

from comments.models import HouseRule
from comments.models.moderation import NOTE_MAX_LENGTH
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
        max_length=NOTE_MAX_LENGTH,
        help_text=_("Only the moderators read it."),
    )
