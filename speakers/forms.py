from allauth.account.fields import EmailField
from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from config.lib import text
from speakers.models import Profile

NAME_MAX_LENGTH = Profile._meta.get_field("name").max_length


class IdentifyForm(forms.Form):
    """Who somebody is: what :func:`speakers.accounts.begin` needs to know."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Everyone will see it."),
        error_messages={"required": _("The name is missing.")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send you a code of six digits. Nobody else sees your address."),
        error_messages={
            "required": _("The e-mail address is missing."),
            "invalid": _("This is not an e-mail address."),
        },
    )

    def clean_name(self) -> str:
        name = text.clean_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("The name is missing."))
        return name


class LoginForm(AllauthLoginForm):
    """With an address alone a code is mailed; whoever set a password may give it instead."""

    def _setup_password_field(self) -> None:
        self.fields["password"].required = False
