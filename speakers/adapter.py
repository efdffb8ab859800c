"""What allauth asks the site: who gets which mail in which language, and where one lands."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.lib import mail
from speakers import accounts

# All that our mails say of what allauth offers them.
MAIL_CONTEXT = ("code", "password_reset_url")

# What is told to a person when it was done to their account.
CHANGES = {
    "email_changed": _("Your main address was changed"),
    "email_deleted": _("An address was removed from your account"),
    "password_changed": _("Your password was changed"),
    "password_reset": _("Your password was changed"),
    "password_set": _("A password was set"),
    "recovery_codes_generated": _("New recovery codes were made"),
    "totp_activated": _("An authenticator app was set up"),
    "totp_deactivated": _("The authenticator app was switched off"),
    "webauthn_added": _("A passkey was added"),
    "webauthn_removed": _("A passkey was removed"),
}

REAUTHENTICATION = {
    "reauthenticate": _("Use the password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use the passkey"),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("This is your main address. Choose another one first."),
        "duplicate_email": _("This address belongs to your account already."),
        "email_password_mismatch": _("Address and password do not match."),
        "email_taken": _("There is an account with this e-mail address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Please look at the newest mail."),
        "incorrect_password": _("This password is not right."),
        "invalid_password_reset": _("This link has expired. Please ask for a new one."),
        "rate_limited": _("Too many attempts. Please wait 5 minutes."),
        "too_many_login_attempts": _("Too many attempts. Please wait 5 minutes."),
        "unverified_primary_email": _("Please confirm this address first."),
    }

    def validation_error(self, code, *args):
        """Too many attempts are no matter of one field: they get the page of status 429."""
        if code in ("too_many_login_attempts", "rate_limited"):
            return accounts.TooManyAttempts(ratelimit.respond_429(self.request))
        return super().validation_error(code, *args)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue ``mail/speakers/<name>.txt`` in the language of the account, else of the page."""
        user = context.get("user") or next(
            iter(filter_users_by_email(email, prefer_verified=True, for_login=True)), None
        )
        mail.send(
            f"speakers/{_name_of(template_prefix)}",
            to=email,
            language=user.language if user else translation.get_language(),
            context={key: context[key] for key in MAIL_CONTEXT if key in context},
        )

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        if change := CHANGES.get(_name_of(template_prefix)):
            to = email or EmailAddress.objects.get_primary_email(user)
            context = {"change": change}
            mail.send("speakers/account_changed", to=to, language=user.language, context=context)

    def get_reauthentication_methods(self, user) -> list[dict]:
        """The passkey first: one touch, and whoever has one may have nothing else at hand."""
        methods = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = REAUTHENTICATION[method["id"]]
        return sorted(methods, key=lambda method: not method["id"].endswith("webauthn"))

    def pre_login(self, request, user, **kwargs):
        if (response := super().pre_login(request, user, **kwargs)) is not None:
            return response
        for record in get_authentication_records(request, user)[-1:]:
            if record["method"] == "code" and record.get("email"):
                accounts.confirm(user, record["email"])
        return None

    def login(self, request, user) -> None:
        accounts.welcome(request, user)
        super().login(request, user)

    def post_login(self, request, user, **kwargs):
        kwargs["redirect_url"] = kwargs["redirect_url"] or accounts.pop_next(request)
        return super().post_login(request, user, **kwargs)

    def add_message(self, request, level, message_template=None, *args, **kwargs) -> None:
        # core.js forgets typed text on a success; a code on its way is not one yet.
        if message_template == "account/messages/login_code_sent.txt":
            level = messages.INFO
        super().add_message(request, level, message_template, *args, **kwargs)


def _name_of(template_prefix: str) -> str:
    return template_prefix.rpartition("/")[2]


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _("Switch off the second factor before you add an address."),
        "incorrect_code": _("This code is not right."),
        "rate_limited": _("Too many attempts. Please wait 5 minutes."),
        "unverified_email": _("Please confirm all your addresses first."),
    }

    def generate_authenticator_name(self, user, type) -> str:  # noqa: A002 - allauth names it
        return gettext("My device")

    def build_totp_svg(self, url: str) -> str:
        """SVG to stand in the page itself: the security policy allows no ``data:`` picture."""
        return super().build_totp_svg(url).partition("?>")[2].strip()
