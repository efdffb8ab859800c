"""What a source says of itself: by microformats, else by its title."""

import datetime as dt
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime

from comments.mentions import reader
from comments.models import Mention
from config.lib.fetch import Page
from config.lib.text import clean_line

CPU_SECONDS = 3
SECONDS = 10  # by the clock, on a busy machine
AUTHOR_LENGTH, TITLE_LENGTH, TEXT_LENGTH = 80, 200, 500
TITLE = re.compile(r"<title[\s>]", re.IGNORECASE)
END_OF_TITLE = re.compile(r"</title", re.IGNORECASE)
READ_BY = (sys.executable, "-m", "comments.mentions.reader")

Kind = Mention.Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """Plain text on one line each, cut to what is shown; all but ``kind`` may be missing."""

    kind: Kind = Kind.MENTION
    author: str = ""
    title: str = ""
    text: str = ""
    written_at: dt.datetime | None = None


def said(page: Page, is_target: Callable[[str], bool]) -> Said:
    """The entry that answers what ``is_target`` knows, or links to it; else the page's title."""
    html = page.text
    title = _cut(_title(html), TITLE_LENGTH)
    entry = _choose(_entries(html, page.url), page.url, is_target)
    if entry is None:
        return Said(title=title)
    text = clean_line(entry["text"])
    name = clean_line(entry["name"])
    if not name or text.startswith(name.rstrip("….")):
        name = ""  # a note: its name is its own beginning
    author = clean_line(entry["author"])
    return Said(
        kind=_kind(entry, is_target),
        author="" if "://" in author else _cut(author, AUTHOR_LENGTH),
        title=_cut(name, TITLE_LENGTH) or title,
        text=_cut(text, TEXT_LENGTH),
        written_at=_moment(entry["published"]),
    )


def _entries(html: str, url: str) -> list[dict[str, Any]]:
    """None of a page that is too large, too deep or too dear to read."""
    if not reader.is_worth_reading(html) or not reader.is_modest(html):
        return []
    asked = json.dumps({"html": html, "url": url}).encode()
    try:
        done = subprocess.run(
            (*READ_BY, str(CPU_SECONDS)),
            input=asked,
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            timeout=SECONDS,
            check=True,
        )
    except subprocess.SubprocessError:
        return []
    return json.loads(done.stdout)


def _choose(
    entries: list[dict[str, Any]], url: str, is_target: Callable[[str], bool]
) -> dict[str, Any] | None:
    for entry in entries:
        if any(is_target(answered) for _kind, answered in entry["responses"]):
            return entry
    for entry in entries:
        if any(is_target(_join(url, unescape(link))) for link in entry["links"]):
            return entry
    return entries[0] if len(entries) == 1 else None


def _kind(entry: dict[str, Any], is_target: Callable[[str], bool]) -> Kind:
    """By what it says of us; an answer to an invitation is a reply, too."""
    kinds = {kind for kind, url in entry["responses"] if is_target(url)}
    if entry["rsvp"] and Kind.REPLY.value in kinds:
        return Kind.RSVP
    for kind in (Kind.REPLY, Kind.LIKE, Kind.REPOST, Kind.BOOKMARK):
        if kind.value in kinds:
            return kind
    return Kind.MENTION


def _title(html: str) -> str:
    begun = TITLE.search(html)
    if begun is None:
        return ""
    start = html.find(">", begun.end() - 1)
    end = END_OF_TITLE.search(html, max(start, 0))
    if start < 0 or end is None:
        return ""
    return clean_line(unescape(html[start + 1 : end.start()][: TITLE_LENGTH * 10]))


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(",;:– ") + "…"


def _moment(text: str) -> dt.datetime | None:
    """A date alone is its noon, a time without a zone that of UTC."""
    text = text.strip()
    try:
        day = parse_date(text)
        moment = dt.datetime.combine(day, dt.time(12)) if day else parse_datetime(text)
    except ValueError:
        return None
    if moment is None:
        return None
    try:
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except OverflowError:
        return None


def _join(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""
