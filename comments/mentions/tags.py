"""The tags of an HTML page in document order, in time linear to its length.

Pages of strangers are read here, so nothing is built up and nothing recurses. The parser of the
standard library is not used: it begins anew at every "<" that it cannot close, and 100 kB of "<a "
take it minutes. The steps are those of the HTML standard (§ 13.2.5, tokenization), without the
script states inside of comments inside of scripts.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import NamedTuple

MAX_TAGS = 50_000
MAX_ATTRIBUTES = 100

SPACES = "[\t\n\f\r ]*"
COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)
TAG_NAME = re.compile("[^\t\n\f\r />]+")
GAP = re.compile("[\t\n\f\r /]*")
ATTRIBUTE_NAME = re.compile("=?[^\t\n\f\r />=]*")
EQUALS = re.compile(f"{SPACES}={SPACES}")
BARE_VALUE = re.compile("[^\t\n\f\r >]*")
REFERENCE = re.compile("&(?:#[0-9]{1,9};?|#[xX][0-9a-fA-F]{1,9};?|([a-zA-Z][a-zA-Z0-9]*;?)(=?))")

# What stands in these elements is text: to a browser with scripts, noscript is one of them.
RAW = frozenset("iframe noembed noframes noscript script style textarea title xmp".split())
FOREIGN = frozenset({"svg", "math"})  # inside, "<title/>" ends itself and nothing is raw


class Tag(NamedTuple):
    """A start tag; names are lower case, of attributes with one name the first counts."""

    name: str
    attributes: dict[str, str]


class _Ended(Exception):
    """The page stops in the middle of something, and with it all of its tags."""


def tags(page: str) -> Iterator[Tag]:
    """Start tags that make elements: not in comments, raw text or ``template``.

    At most the first ``MAX_TAGS`` tags are read, end tags included.
    """
    templates = foreign = position = 0
    try:
        for _count in range(MAX_TAGS):
            is_end, tag, position = _next(page, position)
            step = -1 if is_end else 1
            if tag.name in FOREIGN:
                foreign = max(foreign + step, 0)
            elif tag.name == "template" and not foreign:
                templates = max(templates + step, 0)
            if is_end:
                continue
            if not templates:
                yield tag
            if not foreign and tag.name in RAW:
                position = _end_of_raw(page, tag.name, position)
            elif not foreign and tag.name == "plaintext":
                return
    except _Ended:
        return


def _next(page: str, position: int) -> tuple[bool, Tag, int]:
    """Whether the next tag is an end tag, the tag, and where it ends. Raises :class:`_Ended`."""
    while True:
        position = _find(page, "<", position)
        following = page[position + 1 : position + 3]
        is_end = following.startswith("/")
        first = following[is_end : is_end + 1]
        if first.isascii() and first.isalpha():
            return is_end, *_tag(page, position + 1 + is_end)
        if page.startswith("<!--", position):
            comment = COMMENT.match(page, position)
            if comment is None:
                raise _Ended
            position = comment.end()
        elif is_end or following[:1] in ("!", "?"):
            position = _find(page, ">", position) + 1
        else:
            position += 1


def _tag(page: str, position: int) -> tuple[Tag, int]:
    """The tag whose name begins at ``position``, and where it ends."""
    name, position = _take(TAG_NAME, page, position)
    attributes: dict[str, str] = {}
    while True:
        _gap, position = _take(GAP, page, position)
        if position >= len(page):
            raise _Ended
        if page[position] == ">":
            return Tag(name.lower(), attributes), position + 1
        key, position = _take(ATTRIBUTE_NAME, page, position)
        value = ""
        if equals := EQUALS.match(page, position):
            value, position = _value(page, equals.end())
        if len(attributes) < MAX_ATTRIBUTES:
            attributes.setdefault(key.lower(), value)


def _value(page: str, position: int) -> tuple[str, int]:
    quote = page[position : position + 1]
    if quote in ("'", '"'):
        end = _find(page, quote, position + 1)
        return _without_references(page[position + 1 : end]), end + 1
    value, position = _take(BARE_VALUE, page, position)
    return _without_references(value), position


def _end_of_raw(page: str, name: str, position: int) -> int:
    end = re.compile(f"</{name}[\t\n\f\r />]", re.IGNORECASE).search(page, position)
    if end is None:
        raise _Ended
    return end.start()


def _take(pattern: re.Pattern[str], page: str, position: int) -> tuple[str, int]:
    found = pattern.match(page, position)
    return (found[0], found.end()) if found else ("", position)


def _find(page: str, what: str, position: int) -> int:
    found = page.find(what, position)
    if found < 0:
        raise _Ended
    return found


def _without_references(value: str) -> str:
    """ "&amp;" and its like resolved; in an attribute "?a=1&copy=2" stays as it is."""
    if "&" not in value:
        return value
    return REFERENCE.sub(_resolved, value)


def _resolved(reference: re.Match[str]) -> str:
    name, equals = reference[1], reference[2] or ""
    if name is None:
        return unescape(reference[0])
    if name not in html5 or (equals and not name.endswith(";")):
        return reference[0]
    return html5[name] + equals
