"""Copies of the embedded database: one file out, one file in. The server runs already."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

from psycopg2 import errors, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - it is a class

from config import devdb

INCOMING = f"{devdb.DATABASE}_incoming"
OUTGOING = f"{devdb.DATABASE}_outgoing"


def dump(file: Path) -> None:
    """Write the database to `file`, whole or not at all, in pg_dump's format, for our eyes only."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    except OSError as error:
        raise devdb.DevdbError(f"Cannot write {file}: {error.strerror}.") from error
    options = ("--format", "custom", "--no-owner", "--file", str(unfinished), devdb.DATABASE)
    try:
        _run("pg_dump", *options)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path) -> None:
    """Replace the database by what `file` holds; it stays as it is when the file is not whole.

    Whoever is connected to the database is disconnected at the moment of the change.
    """
    if not file.is_file():
        raise devdb.DevdbError(f"There is no file {file}.")
    with closing(devdb.connect_as_admin()) as server, server.cursor() as cursor:
        for leftover in (INCOMING, OUTGOING):
            cursor.execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", leftover))
        cursor.execute(_statement("CREATE DATABASE {} TEMPLATE template0", INCOMING))
        try:
            _run("pg_restore", "--exit-on-error", "--no-owner", "--dbname", INCOMING, str(file))
        except devdb.DevdbError:
            cursor.execute(_statement("DROP DATABASE {}", INCOMING))
            raise
        _swap(cursor)
        cursor.execute(_statement("DROP DATABASE {} WITH (FORCE)", OUTGOING))


def _swap(cursor: Cursor) -> None:
    """Several statements in one string are one transaction: both names change, or none."""
    disconnect = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
    away = _statement("ALTER DATABASE {} RENAME TO {};", devdb.DATABASE, OUTGOING)
    here = _statement("ALTER DATABASE {} RENAME TO {};", INCOMING, devdb.DATABASE)
    cursor.execute(disconnect, [devdb.DATABASE])
    try:
        cursor.execute(away + here)
    except errors.ObjectInUse as error:
        raise devdb.DevdbError("The database is in use. Stop the site, then restore.") from error


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _run(program: str, *arguments: str) -> None:
    command = devdb.client(program, *arguments)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["it gave no reason"]
        raise devdb.DevdbError(f"{program} failed: {lines[0]}")
