"""Real clusters for the tests of the embedded PostgreSQL: quickly made, quickly gone."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from config import devdb, devdb_places

ROOT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")


def short_folder():
    """A folder that every account may pass to, with a path that is short enough for a socket."""
    memory = Path("/dev/shm")  # some seconds faster in all, where there is room
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    folder = Path(tempfile.mkdtemp(prefix="sw-", dir=memory if has_room else "/tmp")).resolve()
    folder.chmod(0o711)
    return folder


def copy(template, place):
    devdb_places.prepare(place)
    subprocess.run(["cp", "-a", template.data, place.data], check=True)  # keeps the owner


def query(statement):
    """The one value of the one row that the embedded database answers."""
    with _cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def tell(statements):
    with _cursor() as cursor:
        cursor.execute(statements)


@contextmanager
def _cursor():
    settings = devdb.database_settings()
    connection = psycopg2.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]
    )
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def another_process(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def manage(*arguments, **environment):
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={**os.environ, "DATABASE_URL": "", "DEBUG": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)
