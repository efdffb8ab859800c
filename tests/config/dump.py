"""All that is stored, as text to be searched: what pg_dump would write, and what it would not."""

import json

from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection

from config import pages


def everything() -> str:
    """Every row of every table, what sessions hold, names of files, and pages kept in memory."""
    return "\n".join([*_rows(), *_sessions(), *_files("people"), *_pages()])


def found(values: dict[str, str]) -> set[str]:
    """Names of those ``values`` that are stored anywhere, in whatever case."""
    stored = everything().lower()
    return {name for name, value in values.items() if value.lower() in stored}


def _rows():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - the catalogue's name
            for (row,) in cursor.fetchall():
                yield f"{table}: {row}"


def _sessions():
    for session in Session.objects.all():
        yield json.dumps(session.get_decoded(), ensure_ascii=False)


def _files(folder):
    if default_storage.exists(folder):
        yield from default_storage.listdir(folder)[1]


def _pages():
    for page in pages.store._pages.values():
        yield page.bodies[""].decode()
