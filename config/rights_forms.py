from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanEmailField

TAKE, KEEP = "take", "keep"

EMAIL_ERRORS = {
    "required": _("The e-mail address is missing."),
    "invalid": _("This is not an e-mail address."),
}


class CommentsForm(forms.Form):
    """What becomes of comments."""

    comments = forms.ChoiceField(
        label=_("Your comments"),
        choices=[
            (TAKE, _("They go. Where somebody answered, a note without your name stays.")),
            (KEEP, _("The public ones stay without your name, so that answers make sense.")),
        ],
        initial=TAKE,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Please choose what becomes of your comments.")
        ),
    )

    def keeps(self, name: str) -> bool:
        """After :meth:`is_valid`; nothing is kept that was not asked about."""
        return self.cleaned_data.get(name) == KEEP


class EraseForm(CommentsForm):
    """What becomes of comments and pitches, and the address typed as a sign of being in earnest."""

    pitches = forms.ChoiceField(
        label=_("Your pitches that nobody else hosts"),
        choices=[
            (TAKE, _("They come off the wall, and their text is deleted.")),
            (KEEP, _("They stay on the wall without your name.")),
        ],
        initial=TAKE,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Please choose what becomes of your pitches.")
        ),
    )
    email = CleanEmailField(
        label=_("Your e-mail address"),
        help_text=_("Type it to show that you mean it. There is no way back."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=EMAIL_ERRORS,
    )

    def __init__(self, *args: Any, email: str, has_pitches: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_email = email
        if not has_pitches:
            del self.fields["pitches"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.lower() != self.own_email.lower():
            raise ValidationError(_("This is not the e-mail address of your account."))
        return email


class GuestForm(forms.Form):
    """Whose data somebody asks for."""

    email = CleanEmailField(
        label=_("E-mail"),
        help_text=_("The one that you gave with your comments."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=EMAIL_ERRORS,
    )
