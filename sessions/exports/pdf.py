"""Print pages as PDF, where the extra ``pdf`` is installed: WeasyPrint and the system's Pango."""

import mimetypes
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.translation import gettext as _

HERE = "http://static.invalid"  # stands for this site; nothing is ever asked of it


class Unavailable(Exception):
    """The program that makes PDF files is not installed, or its libraries are missing."""

    def __str__(self) -> str:
        return _("This site cannot make PDF files. Print the page in your browser instead.")


class Foreign(ValueError):
    """A page names a file that is not one of our static ones."""


def is_installed() -> bool:
    return find_spec("weasyprint") is not None


def render(html: str) -> bytes:
    """Takes some seconds for 60 cards. Raises :class:`Unavailable`."""
    try:
        from weasyprint import HTML, urls  # an optional extra, and slow to import
    except (ImportError, OSError) as error:  # OSError: a shared library is missing
        raise Unavailable from error

    class OwnFiles(urls.URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
            return urls.URLFetcherResponse(url, static_file(url), {"Content-Type": kind})

    made: bytes = HTML(string=html, base_url=HERE, url_fetcher=OwnFiles()).write_pdf()
    return made


def static_file(url: str) -> bytes:
    """What lies under an address below :data:`HERE`; raises :class:`Foreign` for any other."""
    ours = f"{HERE}{settings.STATIC_URL}"
    if not url.startswith(ours):
        raise Foreign(url)
    name = url.removeprefix(ours)
    found = finders.find(name)
    if isinstance(found, str):
        return Path(found).read_bytes()
    with staticfiles_storage.open(name) as file:  # collected, under a hashed name
        content: bytes = file.read()
    return content
