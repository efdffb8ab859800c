"""Plain-text mails from templates, in the reader's language, through the queue."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from post_office import mail
from post_office.models import Email


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
    subject = " ".join(head.removeprefix("Subject:").split())
    return mail.send(
        recipients=[to],
        sender=settings.DEFAULT_FROM_EMAIL,
        # post_office reads both as templates; what people wrote must not stand in them.
        subject="{{ subject }}",
        message="{{ message }}",
        context={"subject": mark_safe(subject), "message": mark_safe(body.strip() + "\n")},
        headers=headers,
    )
