"""What allauth asks the site: who gets which mail in which language, and where one lands."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.userkit import filter_users_by_email
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from config.lib import mail
from speakers import accounts

# allauth builds addresses from the request; a mail must name the site's own.
MAIL_CONTEXT = ("code", "password_reset_url")


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue ``mail/speakers/<name>.txt`` in the language of the account, else of the page."""
        user = context.get("user") or next(
            iter(filter_users_by_email(email, prefer_verified=True, for_login=True)), None
        )
        mail.send(
            f"speakers/{template_prefix.rpartition('/')[2]}",
            to=email,
            language=user.language if user else translation.get_language(),
            context={key: context[key] for key in MAIL_CONTEXT if key in context},
        )

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


class MFAAdapter(DefaultMFAAdapter):
    def build_totp_svg(self, url: str) -> str:
        """SVG to stand in the page itself: the security policy allows no ``data:`` picture."""
        return super().build_totp_svg(url).partition("?>")[2].strip()
