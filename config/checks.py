"""A public site does not start without a secret, its hosts and an Impressum; nor with psycopg 3."""

import importlib.util
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

MISSING = {
    "SECRET_KEY": "a long random text that signs cookies",
    "ALLOWED_HOSTS": "the host names of the site, separated by commas",
    "SITE_URL": "the address of the site as mails and calendars name it",
    "IMPRINT": "who is responsible for the site by law (§ 5 DDG), Markdown",
}


@register(Tags.security)
def production_is_complete(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.DEBUG:
        return []
    return [
        Error(
            f"{name} is not set: {meaning}.",
            hint="Set it in the environment; .env.example shows how. DEBUG=1 is for development.",
            id="stellwand.E001",
        )
        for name, meaning in MISSING.items()
        if not _is_set(name)
    ]


def _is_set(name: str) -> bool:
    try:
        return bool(getattr(settings, name))
    except ImproperlyConfigured:  # Django lets nobody read an empty SECRET_KEY
        return False


@register(Tags.database)
def one_driver(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Django would silently choose psycopg 3 where both are installed."""
    if importlib.util.find_spec("psycopg") is None:
        return []
    return [
        Error(
            "psycopg (version 3) is installed beside psycopg2; Django would switch to it.",
            hint="Uninstall psycopg.",
            id="stellwand.E002",
        )
    ]
