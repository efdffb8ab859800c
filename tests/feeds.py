"""What RFC 4287 demands of a feed, by two parsers of others and by reading its own words."""

import datetime as dt
import re
import warnings
from urllib.parse import urlsplit

import atoma
import feedparser
from defusedxml import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}-\d{2}-\d{2}:[\w/.-]+")
ONCE = ("id", "title", "updated")
KNOWN = {"id", "title", "updated", "published", "author", "link", "content", "entry"}


def check(response) -> feedparser.FeedParserDict:
    """Fail unless an answer is a valid Atom feed; what feedparser reads of it."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content, forbid_dtd=True)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(f"{XML}lang")
    _check_common(feed)
    path = urlsplit(_link(feed, "self")).path
    assert path == response.wsgi_request.path
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        _check_entry(entry)
    ids = [
        element.text
        for element in (feed.find(f"{ATOM}id"), *feed.iterfind(f"{ATOM}entry/{ATOM}id"))
    ]
    assert len(set(ids)) == len(ids)
    strict = atoma.parse_atom_bytes(response.content)
    assert len(strict.entries) == len(entries)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(response.content)
    assert parsed.bozo == 0, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def _check_common(element) -> None:
    assert {child.tag.removeprefix(ATOM) for child in element} <= KNOWN
    for name in ONCE:
        assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert element.findtext(f"{ATOM}{name}").strip()
    assert TAG_URI.fullmatch(element.findtext(f"{ATOM}id"))
    _moment(element.findtext(f"{ATOM}updated"))
    names = [author.findall(f"{ATOM}name") for author in element.findall(f"{ATOM}author")]
    assert names
    for found in names:
        assert len(found) == 1
        assert found[0].text.strip()
    _link(element, "alternate")


def _check_entry(entry) -> None:
    _check_common(entry)
    assert len(entry.findall(f"{ATOM}published")) == 1
    published, updated = (_moment(entry.findtext(f"{ATOM}{n}")) for n in ("published", "updated"))
    assert published <= updated
    (content,) = entry.findall(f"{ATOM}content")
    assert content.get("type") == "html"
    assert len(content) == 0
    assert urlsplit(content.get(f"{XML}base")).netloc == "testserver"


def _link(element, relation: str) -> str:
    """The one link of a kind, which must be absolute."""
    (link,) = (one for one in element.findall(f"{ATOM}link") if one.get("rel") == relation)
    assert not (link.text or "").strip()
    parts = urlsplit(link.get("href"))
    assert parts.scheme in ("http", "https")
    assert parts.netloc
    assert link.get("href").isascii()
    assert " " not in link.get("href")
    return link.get("href")


def _moment(text: str) -> dt.datetime:
    assert RFC_3339.fullmatch(text), text
    return dt.datetime.fromisoformat(text)
