"""A table as a file: CSV, XLSX or JSON. Pure."""

import re
from typing import TypeAlias

import tablib

from config.lib import text

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

Rows: TypeAlias = list[dict[str, str]]

# What spreadsheets take for a formula, and what was written as text because of that. A number
# with a sign is none.
FORMULA = re.compile(r"(?!-?[0-9][0-9.,]*\Z)'*[=+\-@|%\t\r\n]")
ESCAPED = re.compile(r"''*[=+\-@|%\t\r\n]")


def escaped(value: str) -> str:
    """As a spreadsheet keeps it for text: with an apostrophe before what would be a formula.

    The characters are those of the package defusedcsv, and tab and line breaks; unlike there
    :func:`unescaped` brings back the very same text.
    """
    return f"'{value}" if FORMULA.match(value) else value


def unescaped(value: str) -> str:
    return value[1:] if ESCAPED.match(value) else value


def is_formula(value: str) -> bool:
    return bool(FORMULA.match(value)) and not value.startswith("'")


def write(columns: list[str], rows: Rows, kind: str) -> bytes:
    """``kind`` is one of :data:`FORMATS`. CSV is UTF-8 with a mark that says so to Excel."""
    fit = str if kind == "json" else escaped
    dataset = tablib.Dataset(headers=columns)
    for row in rows:
        dataset.append([fit(text.clean(row[column])) for column in columns])
    written = dataset.export(kind)
    if kind == "xlsx":
        return written
    return written.encode("utf-8-sig" if kind == "csv" else "utf-8")
