import struct
from typing import cast

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from config.lib.forms import CleanCharField, CleanEmailField, CleanTextField
from speakers import pictures
from speakers.models import Profile
from speakers.models.profile import LINKS_MAX, TEXT_MAX_LENGTH

NAME_MAX_LENGTH = cast(int, Profile._meta.get_field("name").max_length)
LINK_MAX_LENGTH = 300

MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)

is_web_address = URLValidator(schemes=["http", "https"])


class IdentifyForm(forms.Form):
    """Who somebody is: what :func:`speakers.accounts.begin` needs to know."""

    name = CleanCharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Everyone will see it."),
        error_messages={"required": _("The name is missing.")},
    )
    email = CleanEmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send you a code of six digits. Nobody else sees your address."),
        error_messages={
            "required": _("The e-mail address is missing."),
            "invalid": _("This is not an e-mail address."),
        },
    )


class LoginForm(AllauthLoginForm):
    """With an address alone a code is mailed; whoever set a password may give it instead."""

    def _setup_password_field(self) -> None:
        self.fields["password"].required = False


class CredentialField(forms.JSONField):
    """What a browser says of a passkey; what no browser would say is refused here.

    allauth's own field and fido2's parsers raise more than a view of theirs catches.
    """

    widget = forms.HiddenInput

    def __init__(self, *, says: type, **kwargs):
        self.says = says
        super().__init__(**kwargs)

    def to_python(self, value):
        try:
            credential = super().to_python(value)
            if credential not in self.empty_values:
                self.says.from_dict(credential)
        except MALFORMED as error:
            raise ValidationError(_("That did not work. Please try again.")) from error
        return credential


class AddPasskeyForm(AddWebAuthnForm):
    credential = CredentialField(says=RegistrationResponse)


class LoginPasskeyForm(LoginWebAuthnForm):
    credential = CredentialField(says=AuthenticationResponse)


class AuthenticatePasskeyForm(AuthenticateWebAuthnForm):
    credential = CredentialField(says=AuthenticationResponse)


class ReauthenticatePasskeyForm(ReauthenticateWebAuthnForm):
    credential = CredentialField(says=AuthenticationResponse)


class ProfileForm(forms.ModelForm):
    name = CleanCharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("The name is missing.")},
    )
    organisation = CleanCharField(
        label=_("Organisation"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    text = CleanTextField(
        label=_("About you"),
        max_length=TEXT_MAX_LENGTH,
        required=False,
        help_text=_("Two sentences will do. Markdown works."),
    )
    links = CleanTextField(
        label=_("Links"),
        max_length=LINKS_MAX * LINK_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line, at most five."),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, at most 5 MB. We cut a square from the middle."),
    )
    remove_picture = forms.BooleanField(label=_("Remove the picture"), required=False)
    language = forms.ChoiceField(label=_("Language of our mails"), choices=settings.LANGUAGES)

    class Meta:
        model = Profile
        fields = ("name", "organisation", "text", "links")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["links"] = "\n".join(self.instance.links)
        self.initial["language"] = self.instance.user.language
        if not self.instance.picture:
            del self.fields["remove_picture"]

    def clean_links(self) -> list[str]:
        links = [link.strip() for link in self.cleaned_data["links"].splitlines() if link.strip()]
        links = [link if "://" in link else f"https://{link}" for link in links]
        if len(links) > LINKS_MAX:
            raise ValidationError(_("At most five links fit here."))
        for link in links:
            try:
                is_web_address(link)
            except ValidationError as error:
                raise ValidationError(
                    _("“%(link)s” is not a web address."), params={"link": link}
                ) from error
            if len(link) > LINK_MAX_LENGTH:
                raise ValidationError(_("A link may have 300 characters at most."))
        return links

    def clean_picture(self):
        if not (upload := self.cleaned_data["picture"]):
            return None
        try:
            return pictures.square(upload)
        except pictures.RefusedPicture as refusal:
            raise ValidationError(str(refusal)) from refusal

    def save(self, commit: bool = True) -> Profile:
        profile = self.instance
        if self.cleaned_data["picture"] or self.cleaned_data.get("remove_picture"):
            pictures.replace(profile, self.cleaned_data["picture"])
        else:
            profile.save()
        profile.user.language = self.cleaned_data["language"]
        profile.user.save(update_fields=["language"])
        return profile
