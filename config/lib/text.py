"""Text that people typed: Markdown to safe HTML, slugs, cleaning, excerpts."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import nh3
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from slugify import slugify as _slugify

BODY_MAX_LENGTH = 20_000
COMMENT_MAX_LENGTH = 10_000
TITLE_MAX_LENGTH = 120

GERMAN = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "ae"), ("Ö", "oe"), ("Ü", "ue"), ("ß", "ss"))
TAGS = frozenset(
    "p br hr h3 h4 h5 h6 strong em del code pre blockquote ul ol li a "
    "table thead tbody tr th td".split()
)
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LINK_RELATIONS = "nofollow ugc noopener"

# Everything of category Cc but tab and line feed, the lone surrogates, and the marks
# that turn the direction of all text after them (Trojan Source, CVE-2021-42574).
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def slugify(text: str, max_length: int = 60) -> str:
    """Return an ASCII slug, with German umlauts spelled out: "große" becomes "grosse"."""
    return _slugify(text, max_length=max_length, word_boundary=True, replacements=GERMAN)


def clean(text: str) -> str:
    """Return ``text`` in NFC, with plain line feeds and nothing unprintable in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", UNPRINTABLE.sub("", text))


def clean_line(text: str) -> str:
    """Return :func:`clean` text on one line, each run of white space as one space."""
    return " ".join(clean(text).split())


class TooLong(ValidationError):
    """Markdown is refused by its length before a parser sees it."""


@cache
def _parser() -> MarkdownIt:
    # maxNesting bounds what "[[[[…" and "> > > …" can cost.
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    parser.inline.ruler.push("mention", _mention)
    return parser.enable(["table", "strikethrough"]).disable("image")


def render_markdown(
    source: str, *, max_length: int = BODY_MAX_LENGTH, names: Mapping[str, str] | None = None
) -> SafeString:
    """Return ``source`` (CommonMark with tables) as HTML that is safe to show.

    Headings begin at level 3, images stay text, links carry ``nofollow ugc``. An "@" before one
    of ``names``, in whatever case, makes a link to its address outside of code and links.
    Raises :class:`TooLong` before parsing.
    """
    if len(source) > max_length:
        raise TooLong(_("This text is too long."))
    tokens = _parser().parse(clean(source), _mentionable(names) if names else {})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _parser().renderer.render(tokens, _parser().options, {})
    safe = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=LINK_RELATIONS
    )
    return mark_safe(safe)


def _mentionable(names: Mapping[str, str]) -> dict[str, object]:
    """What :func:`_mention` is given; the longest name comes first, and no word is cut."""
    longest_first = sorted(names, key=len, reverse=True)
    pattern = rf"(?<![\w/.@-])@({'|'.join(map(re.escape, longest_first))})(?![-'’]?\w)"
    return {
        "mentions": re.compile(pattern, re.IGNORECASE),
        "addresses": {name.casefold(): address for name, address in names.items()},
    }


def _mention(state: StateInline, silent: bool) -> bool:
    """A rule of the parser: "@Name" at this place, if somebody is called that."""
    mentions = state.env.get("mentions")
    if mentions is None or state.linkLevel or state.src[state.pos] != "@":
        return False
    found = mentions.match(state.src, state.pos, state.posMax)
    address = state.env["addresses"].get(found[1].casefold()) if found else None
    if address is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrSet("href", address)
        state.push("text", "", 0).content = found[0]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def excerpt(source: str, length: int = 160) -> str:
    """Return the beginning of Markdown ``source`` as plain text of at most ``length`` letters."""
    parser = _parser()
    parts: list[str] = []
    for token in parser.parse(clean(source[: length * 8])):
        for child in token.children or ():
            if child.type in ("text", "code_inline"):
                parts.append(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                parts.append(" ")
        if token.type == "inline":
            parts.append(" ")
    text = " ".join("".join(parts).split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(",;:– ") + "…"
