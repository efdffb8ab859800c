"""The embedded PostgreSQL: used when `DATABASE_URL` is unset, so that nothing has to be installed.

`ensure_running()` may be called by any number of processes at once. The server outlives them;
whoever started it may end it again with `stop_if_started()`.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from config import devdb_processes as processes
from config.devdb_places import (
    PORT,
    Account,
    DevdbError,
    Place,
    home,
    installed_binaries,
    locate,
    make_home,
    prepare,
    server_binaries,
)

__all__ = [
    "DevdbError",
    "Status",
    "client",
    "connect_as_admin",
    "database_settings",
    "ensure_running",
    "home",
    "make_home",
    "status",
    "stop",
    "stop_if_started",
]

DATABASE = "stellwand"
USER = "postgres"
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# One process started the server: this one, as long as it is not a fork of it.
_started_by: dict[Path, int] = {}


@dataclass(frozen=True)
class Status:
    place: Place
    pid: int | None
    answers: bool


def database_settings() -> dict[str, object]:
    """The `DATABASES` entry for the embedded server of `home()`. Starts nothing, writes nothing."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": USER,
        "HOST": str(locate(home()).sockets),
        "PORT": str(PORT),
    }


def ensure_running() -> bool:
    """Start the server of `home()` unless it answers. True when this call started it.

    The first start of a home makes the cluster (about a second). Recovers from a crash by itself.
    Raises DevdbError.
    """
    place = locate(home())
    if _has_database(place):
        return False
    account = prepare(place)
    with _locked(place):
        is_start = not _answers(place)
        if is_start:
            programs = server_binaries(account)
            processes.recover(place)
            if not place.initialized:
                _make_cluster(place, programs, account)
            _started_by[place.data] = os.getpid()  # first: an interrupted start is ours to end too
            _start(place, programs, account)
        with closing(_connect(place)) as server:
            _make_database(server)
    return is_start


def stop() -> bool:
    """End the server of `home()` in order. False when none was running."""
    place = locate(home())
    if not place.home.exists():
        return False
    with _locked(place):
        head = processes.postmaster(place.data)
        if head:
            processes.end(head)
    _started_by.pop(place.data, None)
    return head is not None


def stop_if_started() -> bool:
    """End the server of `home()` if, and only if, this very process started it."""
    return _started_by.get(locate(home()).data) == os.getpid() and stop()


def status() -> Status:
    place = locate(home())
    head = processes.postmaster(place.data)
    return Status(place=place, pid=head.pid if head else None, answers=_answers(place))


def client(program: str, *arguments: str) -> list[str]:
    """The command line of a bundled client program (psql, pg_dump, …) for the embedded server."""
    options = ("--host", str(locate(home()).sockets), "--port", str(PORT), "--username", USER)
    return [str(installed_binaries() / program), *options, *arguments]


def connect_as_admin() -> Connection:
    """A connection beside the site's database, in autocommit, for work on whole databases."""
    return _connect(locate(home()))


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    """One process at a time. The kernel frees the lock of a process that dies."""
    try:
        lock = (place.home / "devdb.lock").open("a")
    except OSError as error:
        raise DevdbError(f"Cannot write to {place.home}: {error.strerror}.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _connect(place: Place, name: str = "postgres") -> Connection:
    server = psycopg2.connect(
        host=str(place.sockets), port=PORT, user=USER, dbname=name, connect_timeout=5
    )
    server.autocommit = True
    return server


def _answers(place: Place, name: str = "postgres") -> bool:
    try:
        _connect(place, name).close()
    except psycopg2.OperationalError:
        return False
    return True


def _has_database(place: Place) -> bool:
    return _answers(place, DATABASE)


def _make_database(server: Connection) -> None:
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")


def _make_cluster(place: Place, programs: Path, account: Account | None) -> None:
    """Made beside its place and moved there when whole; what an interrupted try left is removed.

    The built-in C.UTF-8 sorts the same everywhere and knows that „ is no letter and Ü is a capital,
    which the plain C locale does not: full-text search would miss every quoted word.
    """
    if place.data.exists():
        raise DevdbError(
            f"{place.data} is damaged: PG_VERSION is missing. Move it away to start anew."
        )
    unfinished = place.folder / "data.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    letters = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    command: list[str | Path] = [
        *(programs / "initdb", "--pgdata", unfinished, "--username", USER, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", letters, "--locale-provider", "builtin"),
        *("--builtin-locale", "C.UTF-8", "--no-instructions"),
    ]
    made = _run_as(account, command)
    if made.returncode:
        raise DevdbError(
            f"PostgreSQL could not make its files in {place.folder}: {_last_line(made.stderr)}"
        )
    unfinished.rename(place.data)


def _start(place: Place, programs: Path, account: Account | None) -> None:
    if place.log.exists():
        place.log.replace(place.log.with_suffix(".log.1"))
    settings = {**SERVER_SETTINGS, "unix_socket_directories": str(place.sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command: list[str | Path] = [
        *(programs / "pg_ctl", "start", "--wait", "--silent", "--timeout", "60"),
        *("--pgdata", place.data, "--log", place.log, "--options", shlex.join(options)),
    ]
    started = _run_as(account, command)
    if started.returncode:
        log = place.log.read_text(errors="replace") if place.log.exists() else started.stderr
        fatal = [line for line in log.splitlines() if "FATAL" in line or "error" in line]
        reason = _last_line("\n".join(fatal) or log)
        raise DevdbError(f"PostgreSQL does not start: {reason} (all of it in {place.log})")


def _run_as(account: Account | None, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    # PGPORT and its like would speak to the server too; a private working directory would stop it.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    options = account.process_options() if account else {}
    return subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason"
