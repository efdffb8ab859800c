"""Plain-text mails from templates, in the reader's language, through the queue."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from post_office import mail
from post_office.models import Email

from config.lib.text import clean, clean_line


def send(
    template: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Email:
    """Queue ``templates/mail/<template>.txt``, whose first line is ``Subject: …``.

    The row is written in the caller's transaction, so a rolled back change tells nobody.
    """
    with translation.override(language):
        text = render_to_string(f"mail/{template}.txt", {"site_url": settings.SITE_URL, **context})
    head, _separator, body = text.lstrip().partition("\n")
    return queue(to=to, subject=head.removeprefix("Subject:"), body=body, headers=headers)


def queue(*, to: str, subject: str, body: str, headers: dict[str, str] | None = None) -> Email:
    """Queue a mail of plain text; a subject of several lines becomes one, so that it stays one."""
    # post_office reads both as templates; what people wrote must not stand in them.
    said = {"subject": clean_line(subject), "message": clean(body).strip() + "\n"}
    return mail.send(
        recipients=[to],
        sender=settings.DEFAULT_FROM_EMAIL,
        subject="{{ subject }}",
        message="{{ message }}",
        context={name: mark_safe(value) for name, value in said.items()},
        headers=headers,
    )
