"""What an event can be given and taken away as tables: pitches, people, rooms, slots, programme."""

import datetime as dt
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sessions.imports.tables import Sheet
from sessions.models import Event
from sessions.tables.base import Report, Table
from sessions.tables.grids import Rooms, Slots
from sessions.tables.people import People
from sessions.tables.pitches import Pitches
from sessions.tables.schedule import Places
from speakers.models import User

TABLES: dict[str, type[Table]] = {
    table.slug: table for table in (Pitches, People, Rooms, Slots, Places)
}
KEPT_FOR = dt.timedelta(hours=2)
SALT = "sessions.tables"


class Overtaken(Exception):
    """What was shown is not what would happen now; ``report`` is, if there is any."""

    def __init__(self, report: Report | None = None) -> None:
        self.report = report
        super().__init__()

    def __str__(self) -> str:
        return str(_("Something has changed since the preview. Nothing was imported."))


def dry_run(table: Table, sheet: Sheet) -> Report:
    """What the rows would change, tried out and rolled back. Raises BadFile."""
    with timezone.override(table.event.zone):
        return table.run(sheet, dry=True)


def carry_out(table: Table, sheet: Sheet, *, expected: str) -> Report:
    """Do what a dry run showed (its ``digest`` is ``expected``), wholly or not at all.

    Raises :class:`Overtaken` when it would be something else by now.
    """
    try:
        with transaction.atomic(), timezone.override(table.event.zone):
            Event.objects.select_for_update(no_key=True).get(pk=table.event.pk)
            report = table.run(sheet, dry=False)
            if report.digest != expected or not report.is_possible:
                raise Overtaken(report)
    except IntegrityError as error:  # somebody else wrote the same at the same time
        raise Overtaken from error
    return report


def sealed(table: Table, sheet: Sheet, report: Report) -> str:
    """The rows and what they would do, for the button: nobody else's and of this event only."""
    kept = {
        "columns": sheet.columns,
        "rows": [list(row.values()) for row in sheet.rows],
        "numbers": sheet.numbers,
        "digest": report.digest,
    }
    return signing.dumps(kept, salt=_salt(table.event, table.slug, table.by), compress=True)


def unsealed(event: Event, slug: str, by: User, seal: str) -> tuple[Sheet, str]:
    """The rows of :func:`sealed` and the digest. Raises :class:`Overtaken`."""
    try:
        kept: dict[str, Any] = signing.loads(seal, salt=_salt(event, slug, by), max_age=KEPT_FOR)
    except signing.BadSignature as error:
        raise Overtaken from error
    rows = tuple(dict(zip(kept["columns"], row, strict=True)) for row in kept["rows"])
    return Sheet(tuple(kept["columns"]), rows, tuple(kept["numbers"])), kept["digest"]


def _salt(event: Event, slug: str, by: User | None) -> str:
    return f"{SALT}.{event.pk}.{slug}.{by.pk if by else ''}"
