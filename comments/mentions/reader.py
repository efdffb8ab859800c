"""Microformats of a stranger's page, read in a process of its own that may take little.

mf2py builds a tree and recurses over it: 20,000 nested elements take it minutes. So the page is
looked over first (:func:`is_modest`), and what is left is bounded by the system: CPU seconds,
memory, no writing. ``python -m comments.mentions.reader <seconds>`` reads JSON and writes JSON; it
knows nothing of Django, has no secret in its environment and asks nobody.
"""

import json
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

MEMORY_BYTES = 1024 * 1024 * 1024
MAX_TAGS = 8_000
MAX_DEPTH = 100
MAX_ENTRIES = 20
MAX_URLS = 50
MAX_TEXT = 4_000

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
HAS_ENTRY = re.compile(r"\b(?:h-(?:entry|event|review|feed|card)|hentry|vevent|hreview|vcard)\b")
HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
# They end by themselves, so that a page without their end tags is no deep one.
NOT_DEEP = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param source td th tr track "
    "wbr".split()
)
ENTRIES = frozenset({"h-entry", "h-event", "h-review"})
RESPONSES = {
    "in-reply-to": "reply",
    "like-of": "like",
    "like": "like",
    "repost-of": "repost",
    "repost": "repost",
    "bookmark-of": "bookmark",
    "bookmark": "bookmark",
}

Item = dict[str, Any]


def is_modest(html: str) -> bool:
    """Whether a page has few enough tags, and few enough that are open at once; linear.

    Tags in comments and scripts count, too: that can only turn a page away.
    """
    opened: Counter[str] = Counter()
    for number, tag in enumerate(TAG.finditer(html)):
        if number >= MAX_TAGS:
            return False
        name = tag[2].lower()
        if name in NOT_DEEP:
            continue
        opened[name] = max(opened[name] + (-1 if tag[1] else 1), 0)
        if opened.total() > MAX_DEPTH:
            return False
    return True


def is_worth_reading(html: str) -> bool:
    """Whether a class name of microformats stands in it at all."""
    return HAS_ENTRY.search(html) is not None


def entries(html: str, url: str) -> list[Item]:
    """The entries of a page in document order, cut to what is shown of them."""
    import mf2py  # takes a third of a second, and only this process needs it

    found = mf2py.parse(doc=html, url=url)
    items = found["items"]
    cards = [item for item in items if "h-card" in item["type"]]
    somebody = _name(cards[0]) if len(cards) == 1 else ""
    walked = _walk(items, somebody)
    return [_short(item, author) for item, author in walked][:MAX_ENTRIES]


def _walk(items: list[Item], author: str) -> Iterator[tuple[Item, str]]:
    """Entries and the name of the feed's author; feeds hold them as children."""
    for item in items:
        above = _first(item, "author") or author
        if ENTRIES & set(item["type"]):
            yield item, above
        yield from _walk(item.get("children", []), above)


def _short(item: Item, author: str) -> Item:
    properties = item["properties"]
    content = (properties.get("content") or [""])[0]
    html = content.get("html", "") if isinstance(content, dict) else ""
    return {
        "author": author[:MAX_TEXT],
        "name": _first(item, "name")[:MAX_TEXT],
        "text": (_first(item, "content") or _first(item, "summary"))[:MAX_TEXT],
        "published": (_first(item, "published") or _first(item, "updated"))[:100],
        "rsvp": _first(item, "rsvp")[:20],
        "responses": [
            [kind, url]
            for name, kind in RESPONSES.items()
            for url in _urls(properties.get(name, []))
        ],
        "links": ["".join(found)[:MAX_TEXT] for found in HREF.findall(html)[:MAX_URLS]],
    }


def _first(item: Item, name: str) -> str:
    values = item["properties"].get(name) or [""]
    return _name(values[0]) if name == "author" else _value(values[0])


def _name(value: Any) -> str:
    """Of an author, who is a card or just a name."""
    if isinstance(value, dict) and value.get("properties", {}).get("name"):
        return _value(value["properties"]["name"][0])
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value", "")
    return value if isinstance(value, str) else ""


def _urls(values: list[Any]) -> list[str]:
    """What is answered: addresses, or citations that have some."""
    urls = []
    for value in values[:MAX_URLS]:
        if isinstance(value, dict):
            urls += [_value(url) for url in value.get("properties", {}).get("url", [])[:MAX_URLS]]
        urls.append(_value(value))
    return [url[:MAX_TEXT] for url in urls if url]


def main() -> None:
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked = json.load(sys.stdin)
    json.dump(entries(asked["html"], asked["url"]), sys.stdout)


if __name__ == "__main__":
    main()
