"""What all tables of an event have in common: rows read and written by django-import-export.

A table is a Resource whose rows are plain values, compared with what is stored and written by the
verbs of the domain. The dry run is the import itself, rolled back: what it shows is what happens.
"""

import hashlib
import json
from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import Result, RowResult
from tablib import Dataset

from config.lib import text
from sessions.exports.tables import Rows
from sessions.imports.tables import BadFile, Sheet
from sessions.models import Event
from speakers.models import User

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
LABELS = {
    NEW: gettext_lazy("new"),
    CHANGED: gettext_lazy("changed"),
    UNCHANGED: gettext_lazy("unchanged"),
    REFUSED: gettext_lazy("refused"),
}


@dataclass(frozen=True)
class Change:
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """What becomes of one row of the file; ``errors`` are pairs of column (or "") and reason."""

    number: int
    status: str
    changes: tuple[Change, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        return str(LABELS[self.status])


@dataclass(frozen=True)
class Report:
    lines: tuple[Line, ...]

    def of(self, status: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.status == status)

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(str(label), len(self.of(status))) for status, label in LABELS.items()]

    @property
    def is_clean(self) -> bool:
        """Nothing is refused."""
        return not self.of(REFUSED)

    @property
    def is_possible(self) -> bool:
        """And something would change."""
        return self.is_clean and len(self.of(UNCHANGED)) < len(self.lines)

    @property
    def digest(self) -> str:
        """Names this outcome: of the same rows, onto the same stored values."""
        kept = json.dumps([asdict(line) for line in self.lines]).encode()
        return hashlib.sha256(kept).hexdigest()


class Cell(widgets.Widget):
    """A cell is read by a form's field: the same rules and words as on the site's pages."""

    def __init__(self, field: forms.Field) -> None:
        super().__init__()
        self.field = field

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        try:
            return self.field.clean(value)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple | list):
            return ", ".join(value)
        return str(value)


def column(name: str, field: forms.Field | None = None, *, cell: type[Cell] = Cell) -> fields.Field:
    """A column and the attribute of the same name; without a form's field it is only shown."""
    widget = cell(field or forms.CharField(required=False))
    return fields.Field(name, name, widget, readonly=field is None)


class Difference:
    """In the place of django-import-export's, whose HTML has styles inside."""

    def __init__(self, table: "Table", instance: Any, new: bool) -> None:
        self.before = {} if new else table.cells(instance)
        self.after: dict[str, str] = {}

    def compare_with(self, table: "Table", instance: Any) -> None:
        self.after = table.cells(instance)

    def as_html(self) -> tuple[Change, ...]:
        return tuple(
            Change(name, self.before.get(name, ""), value)
            for name, value in self.after.items()
            if value != self.before.get(name, "")
        )


class Table(resources.Resource):
    """Rows of one event. ``required`` columns must be in a file, others keep what is stored.

    A subclass says what is stored (:meth:`rows`), which row of it is meant (:meth:`find`), and
    writes one (:meth:`write`); each may raise ValidationError with the column's name as key.
    """

    slug: ClassVar[str]
    label: ClassVar[Any]
    required: ClassVar[tuple[str, ...]]

    class Meta:
        import_id_fields = ()
        instance_loader_class = BaseInstanceLoader  # never asked: find() is
        skip_unchanged = True
        report_skipped = True

    def __init__(self, event: Event, *, by: User | None = None, now: Any = None) -> None:
        super().__init__()
        self.event, self.now = event, now
        self.by: User = by  # type: ignore[assignment]  # an export writes nothing
        self.seen: dict[Hashable, int] = {}

    def rows(self) -> Iterator[Any]:
        raise NotImplementedError

    def find(self, row: dict[str, str]) -> Any:
        """The stored row that is meant, or None for a new one."""
        raise NotImplementedError

    def blank(self) -> Any:
        raise NotImplementedError

    def write(self, row: Any, *, is_new: bool) -> None:
        """By the verbs of the domain, inside a savepoint of its own."""
        raise NotImplementedError

    @classmethod
    def columns(cls) -> list[str]:
        return list(cls.fields)

    @classmethod
    def read_columns(cls) -> list[str]:
        return [name for name, field in cls.fields.items() if not field.readonly]

    @classmethod
    def shown_columns(cls) -> list[str]:
        return [name for name, field in cls.fields.items() if field.readonly]

    def cells(self, row: Any) -> dict[str, str]:
        return {name: field.export(row) for name, field in self.fields.items()}

    def exported(self) -> Rows:
        return [self.cells(row) for row in self.rows()]

    def read(self, name: str, row: dict[str, str]) -> Any:
        """A cell's value before its row is known."""
        try:
            return self.fields[name].clean(row)
        except ValueError as error:
            raise ValidationError({name: str(error)}) from error

    def once(self, name: str, *keys: Hashable) -> None:
        """Refuse a second row that means the same thing, which any of ``keys`` tells."""
        for key in filter(None, keys):
            number = self.seen.setdefault(key, self.number)
            if number != self.number:
                said = _("Row %(number)d is about the same already.") % {"number": number}
                raise ValidationError({name: said})

    def run(self, sheet: Sheet, *, dry: bool) -> Report:
        """All rows or, when ``dry`` or one of them is refused, none. Raises :class:`BadFile`."""
        self.sheet = sheet
        self._check_columns(sheet)
        dataset = Dataset(headers=sheet.columns)
        dataset.extend([list(row.values()) for row in sheet.rows])
        result = self.import_data(
            dataset, dry_run=dry, use_transactions=True, rollback_on_validation_errors=True
        )
        return _report(sheet, result)

    def _check_columns(self, sheet: Sheet) -> None:
        if unknown := [name for name in sheet.columns if name not in self.fields]:
            raise BadFile(
                _("There is no such column here: %(names)s.") % {"names": ", ".join(unknown)}
            )
        if missing := [name for name in self.required if name not in sheet.columns]:
            raise BadFile(_("A column is missing: %(names)s.") % {"names": ", ".join(missing)})

    # What django-import-export calls, in this order.

    sheet: Sheet
    number: int
    found: Any

    def before_import_row(self, row: dict[str, str], **kwargs: Any) -> None:
        self.number = self.sheet.numbers[kwargs["row_number"] - 1]
        if refused := self.sheet.refused.get(self.number):
            raise ValidationError(refused)

    def get_instance(self, instance_loader: Any, row: dict[str, str]) -> Any:
        self.found = self.find(row)
        return self.found

    def init_instance(self, row: Any = None) -> Any:
        return self.blank()

    def import_field(
        self, field: fields.Field, instance: Any, row: dict[str, str], *args: Any, **kwargs: Any
    ) -> None:
        """A cell that is as it was exported keeps what is stored, to the last no-break space."""
        cell = row.get(field.column_name)
        if self.found is None or cell != text.clean(field.export(instance)):
            super().import_field(field, instance, row, *args, **kwargs)

    def get_diff_class(self) -> type[Difference]:
        return Difference

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            self.write(instance, is_new=is_create)


def _report(sheet: Sheet, result: Result) -> Report:
    for error in result.base_errors:
        raise error.error
    return Report(
        tuple(_line(number, row) for number, row in zip(sheet.numbers, result.rows, strict=True))
    )


def _line(number: int, row: RowResult) -> Line:
    """Only refusals are told; whatever else is raised is a mistake of ours and goes on."""
    for error in row.errors:
        raise error.error
    if row.validation_error is not None:
        found = row.validation_error
        told = found.message_dict if hasattr(found, "error_dict") else {"": found.messages}
        errors = tuple(
            ("" if name == NON_FIELD_ERRORS else name, " ".join(messages))
            for name, messages in told.items()
        )
        return Line(number, REFUSED, errors=errors)
    if row.import_type == RowResult.IMPORT_TYPE_SKIP:
        return Line(number, UNCHANGED)
    status = NEW if row.import_type == RowResult.IMPORT_TYPE_NEW else CHANGED
    return Line(number, status, tuple(row.diff or ()))
