"""What is stored about somebody: the same records as JSON and as a page that people can read."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` as JSON has it, ``shown`` as a reader is told it; empty where there is nothing."""

    key: str
    label: Words
    value: Any
    shown: str


Record = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: Words
    records: list[Record]


def of(row: Model, *names: str, **more: tuple[Words, Any]) -> Record:
    """Facts with a label of their own (pairs of label and value), then columns under theirs."""
    said = [Fact(key, label, value, _worded(value)) for key, (label, value) in more.items()]
    return (*said, *(column(row, name) for name in names))


def column(row: Model, name: str, label: Words = "") -> Fact:
    """One column; a choice is told to readers in its own words."""
    field = row._meta.get_field(name)
    value = field.value_from_object(row)  # type: ignore[union-attr]  # columns only
    choices = dict(field.flatchoices)  # type: ignore[union-attr]
    worded = choices.get(value, value) if choices else value
    return Fact(name, label or field.verbose_name, _plain(value), _worded(worded))  # type: ignore[union-attr]


def as_json(sections: Iterable[Section]) -> dict[str, list[dict[str, Any]]]:
    """Every section, the empty ones too: that nothing is stored is an answer."""
    return {
        section.key: [{fact.key: fact.value for fact in record} for record in section.records]
        for section in sections
    }


def _plain(value: Any) -> Any:
    """A value that JSON knows: of a time range its start and its end."""
    if isinstance(value, DateTimeTZRange):
        return [value.lower, value.upper]
    return str(value) if hasattr(value, "storage") else value


def _worded(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_worded, value))
    return str(value)
