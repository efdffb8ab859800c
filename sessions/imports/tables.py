"""A file as a table: CSV, XLSX or JSON as people's programs write them, or hostile. Pure.

Everything is bounded before it is parsed: bytes, the unpacked size of an XLSX, rows, columns, and
the letters of a cell. What is wrong with the file is raised; what is wrong with a cell is kept
beside it, to be shown together with what else is wrong with its row.
"""

import csv
import datetime as dt
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from config.lib import text
from sessions.exports.tables import is_formula, unescaped

BYTES_MAX = 500_000
UNPACKED_MAX = 10_000_000
ROWS_MAX = 500
GAPS_MAX = 5_000  # empty rows of a sheet, which spreadsheets like to leave behind
COLUMNS_MAX = 30
LETTERS_MAX = 400_000  # in all cells together
# What openpyxl is known to raise for files that only look like its own.
BROKEN = (
    AttributeError,
    DefusedXmlException,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class BadFile(ValueError):
    """Nothing of the file can be used; ``str()`` says why and what to do, fit to be shown."""


@dataclass(frozen=True)
class Sheet:
    """``rows`` by column, without empty ones; ``numbers`` are theirs in the file.

    ``refused`` are cells that cannot be used: row number → column → reason.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    numbers: tuple[int, ...]
    refused: dict[int, dict[str, str]] = field(default_factory=dict)


def read(content: bytes) -> Sheet:
    """Whatever the file is called, its beginning says what it is. Raises :class:`BadFile`."""
    if len(content) > BYTES_MAX:
        raise BadFile(_("The file is larger than %(max)d kB.") % {"max": BYTES_MAX // 1000})
    if content.startswith(b"PK"):
        return _sheet(_xlsx(content))
    decoded = _decoded(content)
    if decoded.lstrip()[:1] in ("[", "{"):
        return _sheet(_json(decoded), formulas=False)
    return _sheet(_csv(decoded))


def _decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 that says so by its first bytes."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        decoded = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadFile(
            _(
                "The letters of this file are not UTF-8, but probably Latin-1. "
                "Save it again as “CSV UTF-8”, or as XLSX."
            )
        ) from error
    if "\0" in decoded:
        raise BadFile(_("This is neither CSV nor XLSX nor JSON."))
    return decoded


Numbered = Iterator[tuple[int, list[Any]]]


def _csv(decoded: str) -> Numbered:
    """With the separator that the first line has most of; lines are numbered as records."""
    first = decoded.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    records = csv.reader(io.StringIO(decoded, newline=""), delimiter=separator, strict=True)
    try:
        yield from enumerate(records, start=1)
    except csv.Error as error:
        raise BadFile(
            _("Line %(line)d is not CSV: a quotation mark may be missing.")
            % {"line": records.line_num}
        ) from error


def _json(decoded: str) -> Numbered:
    """A list of objects; the columns are the keys of all of them."""
    wrong = _("The JSON is not a list of objects, such as [{…}, {…}].")
    try:
        rows = json.loads(decoded)
    except (ValueError, RecursionError) as error:
        raise BadFile(_("This is not JSON that can be read.")) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadFile(wrong)
    if not rows:
        raise BadFile(_("This list is empty."))
    columns = list(dict.fromkeys(key for row in rows for key in row))
    yield 0, list(columns)
    for number, row in enumerate(rows, start=1):
        yield number, [row.get(column) for column in columns]


def _xlsx(content: bytes) -> Numbered:
    """Of the first sheet."""
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True)
        for number, cells in enumerate(book.worksheets[0].iter_rows(), start=1):
            yield number, [_of_cell(cell) for cell in cells[: COLUMNS_MAX + 1]]
    except BadFile:
        raise
    except BROKEN as error:
        raise BadFile(_("This XLSX cannot be read. Save it again with your program.")) from error


def _refuse_bombs(content: bytes) -> None:
    """An archive tells how large it is unpacked, and zipfile reads no more than that."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED_MAX or len(members) > 200:
            raise BadFile(_("This XLSX is much larger inside than it looks."))
        for member in members:
            if b"<!DOCTYPE" in archive.read(member):
                raise BadFile(_("This XLSX holds what no spreadsheet needs."))


@dataclass(frozen=True)
class _Formula:
    """In the place of a cell that is computed."""


def _of_cell(cell: Any) -> Any:
    return _Formula() if cell.data_type in ("f", "e") else cell.value


def _sheet(records: Numbered, *, formulas: bool = True) -> Sheet:
    """Bounded while it is read. ``formulas``: cells may hold such, and text escaped as one."""
    columns = _columns(next(records, (0, []))[1])
    rows: list[dict[str, str]] = []
    numbers: list[int] = []
    letters = 0
    refused: dict[int, dict[str, str]] = {}
    for number, cells in records:
        if len(rows) > ROWS_MAX or number > ROWS_MAX + GAPS_MAX:
            raise BadFile(_("The file has more than %(max)d rows.") % {"max": ROWS_MAX})
        if all(cell is None or cell == "" for cell in cells):
            continue
        row, wrong = _row(columns, cells, formulas=formulas)
        letters += sum(map(len, row.values()))
        if letters > LETTERS_MAX:
            raise BadFile(_("The file holds too much text. Split it."))
        rows.append(row)
        numbers.append(number)
        if wrong:
            refused[number] = wrong
    if len(rows) > ROWS_MAX:
        raise BadFile(_("The file has more than %(max)d rows.") % {"max": ROWS_MAX})
    if not rows:
        raise BadFile(_("The file has no rows below the names of the columns."))
    return Sheet(tuple(columns), tuple(rows), tuple(numbers), refused)


def _columns(cells: Iterable[Any]) -> list[str]:
    names = [text.clean_line("" if cell is None else str(cell)).casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names):
        raise BadFile(_("The first row must hold the names of the columns."))
    if len(names) > COLUMNS_MAX:
        raise BadFile(_("The file has more than %(max)d columns.") % {"max": COLUMNS_MAX})
    if len(set(names)) < len(names):
        raise BadFile(_("Two columns have the same name."))
    return names


def _row(
    columns: list[str], cells: list[Any], *, formulas: bool
) -> tuple[dict[str, str], dict[str, str]]:
    row, wrong = dict.fromkeys(columns, ""), {}
    for column, cell in zip(columns, cells, strict=False):
        try:
            row[column] = _text(cell, formulas=formulas)
        except BadFile as error:
            wrong[column] = str(error)
    if any(cell not in (None, "") for cell in cells[len(columns) :]):
        wrong[columns[-1]] = _("This row has more cells than there are columns.")
    return row, wrong


def _text(cell: Any, *, formulas: bool) -> str:
    """What a person would type for it. Raises :class:`BadFile` for what is no plain value."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes")
    if isinstance(cell, list) and all(isinstance(part, str) for part in cell):
        return ", ".join(cell)
    if isinstance(cell, _Formula) or (formulas and isinstance(cell, str) and is_formula(cell)):
        raise BadFile(_("This is a formula. Write an apostrophe (') before it if it is text."))
    if not isinstance(cell, str):
        raise BadFile(_("This is no text and no number."))
    return text.clean(unescaped(cell) if formulas else cell)
