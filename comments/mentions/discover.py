"""Where a page wants to hear of links to it: its webmention endpoint, else its pingback server.

After W3C Webmention § 3.1.2 and Pingback 1.0 § 2. Pure: from a fetched page to an address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from comments.mentions.tags import tags
from comments.models import Comment
from config.lib.fetch import Page

Protocol = Comment.Origin

HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
SPACES = re.compile("[\t\n\f\r ]+")

# RFC 8288, § 3: <address>; name=value; name="value", <address>; …
LINK_TARGET = re.compile(r"\s*<([^<>]*)>")
LINK_PARAMETER = re.compile(
    r'\s*;\s*(?:([^\s;,="]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?'
)


class Endpoint(NamedTuple):
    url: str
    protocol: Protocol


def endpoint(page: Page) -> Endpoint | None:
    """The first that is named: in headers before HTML, by webmention before pingback."""
    in_headers = [
        href
        for value in page.values("link")
        for href, relations in _links(value, page.url)
        if "webmention" in relations
    ]
    in_html = _Named.in_html_of(page)
    if url := _first(in_headers, page.url) or _first(in_html.webmention, in_html.base):
        return Endpoint(url, Protocol.WEBMENTION)
    servers = page.values("x-pingback")
    if url := _first(servers, page.url) or _first(in_html.pingback, in_html.base):
        return Endpoint(url, Protocol.PINGBACK)
    return None


@dataclass
class _Named:
    """What the HTML of a page names, in document order; ``base`` is what it is relative to."""

    base: str
    webmention: list[str] = field(default_factory=list)
    pingback: list[str] = field(default_factory=list)

    @classmethod
    def in_html_of(cls, page: Page) -> "_Named":
        named, bases = cls(base=page.url), []
        if page.content_type not in HTML_TYPES:
            return named
        for name, attributes in tags(page.text):
            href = attributes.get("href")
            if href is None:
                continue
            relations = _tokens(attributes.get("rel", ""))
            if name == "base":
                bases.append(href)
            elif name in ("link", "a") and "webmention" in relations:
                named.webmention.append(href)
            elif name == "link" and "pingback" in relations and href:
                named.pingback.append(href)
        named.base = _first(bases[:1], page.url) or page.url
        return named


def _links(value: str, url: str) -> Iterator[tuple[str, set[str]]]:
    """Addresses and relations in one ``Link`` header of the page at ``url``.

    Links that are said to start from another page (``anchor``) are left out.
    """
    position = 0
    while position >= 0:
        if target := LINK_TARGET.match(value, position):
            parameters: dict[str, str] = {}
            position = target.end()
            while parameter := LINK_PARAMETER.match(value, position):
                position = parameter.end()
                name, quoted, bare = parameter.groups(default="")
                parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)
            if _absolute(parameters.get("anchor", ""), url) == url:
                yield target[1], _tokens(parameters.get("rel", ""))
        position = value.find(",", position) + 1 or -1


def _tokens(relations: str) -> set[str]:
    return set(SPACES.split(relations.lower()))


def _first(hrefs: Iterable[str], base: str) -> str | None:
    """The first that leads to the web."""
    return next((url for href in hrefs if (url := _absolute(href, base))), None)


def _absolute(href: str, base: str) -> str | None:
    """The web address that ``href`` means on a page at ``base``; the empty one is the page's."""
    try:
        url = urldefrag(urljoin(base, href.strip())).url
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
