"""Atom feeds as in RFC 4287."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.xmlutils import SimplerXMLGenerator

from config.lib.http import conditional
from config.lib.text import clean, clean_line

SIZE = 50  # entries of a feed


def tag(name: str, created_at: dt.datetime) -> str:
    """An id that outlives every change of address: a tag URI (RFC 4151) of the day it began."""
    day = created_at.astimezone(dt.UTC).date().isoformat()
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{day}:{name}"


class Feed(Atom1Feed):
    """``add`` its entries, newest first. Addresses are paths of this site.

    What people typed is cleaned, for XML has no way to write most control characters.
    """

    def __init__(
        self, *, tag: str, title: str, page: str, path: str, author: str, since: dt.datetime
    ) -> None:
        """``since`` is when an empty feed was updated; ``page`` shows the same to people."""
        super().__init__(
            title=clean_line(title),
            link=settings.SITE_URL + page,
            description=None,
            language=get_language(),
            author_name=clean_line(author),
            feed_url=settings.SITE_URL + path,
            feed_guid=tag,
        )
        self.since = since

    def add(
        self,
        *,
        tag: str,
        title: str,
        page: str,
        html: str,
        authors: Sequence[str],
        published_at: dt.datetime,
        updated_at: dt.datetime | None,
        language: str = "",
    ) -> None:
        """``language`` is needed where it is not the feed's."""
        self.add_item(
            title=clean_line(title),
            link=settings.SITE_URL + page,
            description=None,  # type: ignore[arg-type]  # no summary: it is all there
            pubdate=published_at,
            updateddate=max(published_at, updated_at or published_at),
            unique_id=tag,
            authors=[clean_line(name) or "–" for name in authors],
            html=clean(html),
            lang=language,
        )

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=self.since)

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["lang"]} if item["lang"] else {}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})  # type: ignore[arg-type]  # as Django does
            handler.addQuickElement("name", name)
            handler.endElement("author")
        # Relative links in what people wrote begin at the page on which it stands.
        attributes = {"type": "html", "xml:base": item["link"]}
        handler.addQuickElement("content", item["html"], attributes)


def answer(
    request: HttpRequest, feed: Feed, changed_at: dt.datetime, *, now: dt.datetime
) -> HttpResponse:
    """The feed, or 304. ``changed_at`` is when anything that may stand in it changed last."""
    body = feed.writeString("utf-8").encode()
    response = HttpResponse(body, content_type=feed.content_type)
    response["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["Cache-Control"] = "no-cache"
    return conditional(request, response, changed_at=changed_at, now=now)
