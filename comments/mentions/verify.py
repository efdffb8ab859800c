"""Looking at the source of a mention: one GET, and does the link really stand there?"""

import datetime as dt
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urljoin

from django.db import models
from django.utils.translation import gettext_lazy as _

from comments.mentions import parse, records
from comments.mentions.tags import tags
from comments.mentions.targets import Target
from config.lib import fetch

logger = logging.getLogger(__name__)

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
LINKING = {"a": "href", "img": "src", "video": "src", "audio": "src", "source": "src"}
COMES_BACK = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
SPACES = "\t\n\f\r "


class Failure(models.TextChoices):
    """Why nothing is shown. Coarse on purpose: what our network reaches is nobody's business."""

    UNREACHABLE = "unreachable", _("The page could not be read.")
    STATUS = "status", _("The page answers with an error.")
    KIND = "kind", _("The page is not HTML.")
    NO_LINK = "no_link", _("The page does not link to the pitch.")
    GONE = "gone", _("The page is gone.")
    CLOSED = "closed", _("The pitch is not public any more.")


class Later(Exception):
    """The source does not answer now, but might soon."""


def check(mention_id: int, *, now: dt.datetime, is_last: bool = False) -> None:
    """Ask the source and note what came of it; nothing if that was done since.

    Raises :class:`Later` unless this is the last try. Takes up to ten seconds and a little more.
    """
    mention = records.due(mention_id)
    if mention is None:
        return
    try:
        page = _read(mention.source)
    except Later:
        if not is_last:
            raise
        records.failed(mention, failure=Failure.UNREACHABLE, now=now)
        return
    except fetch.Failed as error:
        logger.info("mention %s: %s", mention.pk, error.reason)
        records.failed(mention, failure=Failure.UNREACHABLE, now=now)
        return
    if page.status == HTTPStatus.GONE:
        records.gone(mention, failure=Failure.GONE, now=now)
    elif page.status != HTTPStatus.OK:
        records.failed(mention, failure=Failure.STATUS, now=now)
    elif page.content_type not in HTML_TYPES:
        records.gone(mention, failure=Failure.KIND, now=now)
    else:
        target = Target.of(mention.pitch)
        if not links(page, target.is_meant_by):
            records.gone(mention, failure=Failure.NO_LINK, now=now)
            return
        said = parse.said(page, target.is_meant_by)
        records.verified(mention, said, domain=records.domain_of(page.url), now=now)


def _read(source: str) -> fetch.Page:
    """Raises :class:`Later` for what may pass, and other :class:`fetch.Failed`."""
    try:
        page = fetch.get(source)
    except (fetch.TimedOut, fetch.Unreachable) as error:
        raise Later from error
    if page.status >= HTTPStatus.INTERNAL_SERVER_ERROR or page.status in COMES_BACK:
        raise Later
    return page


def links(page: fetch.Page, is_target: Callable[[str], bool]) -> bool:
    """Whether an element of the page links to what ``is_target`` knows; time linear to the page.

    Comments, text, scripts, templates and escaped markup link to nothing.
    """
    base = None
    for tag in tags(page.text):
        if tag.name == "base" and base is None and "href" in tag.attributes:
            base = _join(page.url, tag.attributes["href"])
        value = tag.attributes.get(LINKING.get(tag.name, ""))
        if value is not None and is_target(_join(base or page.url, value)):
            return True
    return False


def _join(base: str, value: str) -> str:
    try:
        return urljoin(base, value.strip(SPACES))
    except ValueError:
        return ""
