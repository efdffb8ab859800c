"""The catalogues: collected from the code and compiled by Babel, so that no gettext is needed.

The msgids are English and are the English texts; ``locale/de`` is complete or the tests fail.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "config" / "locale"
SOURCES = ("config", "speakers", "sessions", "comments", "templates")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES = {".html", ".txt"}


def collect() -> Catalog:
    """Every message of the code, without translations, sorted by the order of the files."""
    catalog = Catalog(project="Stellwand", charset="utf-8", fuzzy=False)
    for message, context in _messages():
        catalog.add(message, context=context)
    return catalog


def _messages() -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    for path in sorted(p for folder in SOURCES for p in (ROOT / folder).rglob("*")):
        if "migrations" in path.parts:
            continue
        if path.suffix == ".py":
            found = extract("python", io.BytesIO(path.read_bytes()), KEYWORDS)
        elif path.suffix in TEMPLATES:
            # Django writes the template as something like C; Babel's lexer for JavaScript is
            # the one that reads such text without asking for a grammar.
            source = templatize(path.read_text("utf-8"), origin=str(path))
            found = extract("javascript", io.BytesIO(source.encode()), KEYWORDS)
        else:
            continue
        for _line, message, _comments, context in found:
            yield message, context


def catalogue_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> Catalog:
    """Bring the catalogue in step with the code: new messages empty, those no longer used gone."""
    old, new = read(language), Catalog(locale=language, project="Stellwand", fuzzy=False)
    for message in collect():
        if message.id:
            known = old.get(message.id, message.context)
            new.add(message.id, known.string if known else None, context=message.context)
    with catalogue_path(language).open("wb") as file:
        write_po(file, new, width=100, sort_output=True, no_location=True)
    return new


def problems(language: str) -> list[str]:
    """What keeps the catalogue from being complete, as lines to print."""
    catalog, wanted = read(language), collect()
    known = {(message.id, message.context): message for message in catalog if message.id}
    needed = {(message.id, message.context) for message in wanted if message.id}
    lines = [f"not in the catalogue: {key[0]!r}" for key in needed - known.keys()]
    lines += [f"no longer used: {key[0]!r}" for key in known.keys() - needed]
    for key in needed & known.keys():
        message = known[key]
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not all(strings):
            lines.append(f"not translated: {key[0]!r}")
        lines += [f"{key[0]!r}: {error}" for error in message.check(catalog)]
    return sorted(lines)


def compile_catalogues() -> None:
    """Write the ``.mo`` of every ``.po`` that is newer than it."""
    for source in LOCALE.rglob("*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        language = source.parent.parent.name
        temporary = target.with_suffix(".new")
        with temporary.open("wb") as file:
            write_mo(file, read(language))
        temporary.replace(target)
