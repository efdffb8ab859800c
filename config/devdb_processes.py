"""Which server processes really work on a cluster, and how to be sure that none does.

PostgreSQL's own witness, `postmaster.pid`, may be stale, torn or empty, and its process id may
belong to somebody else by now. Every server process stands in its data directory: that counts here.
"""

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from config.devdb_places import PORT, DevdbError, Place

STOP_SECONDS = 30
ORPHAN_SECONDS = 5


def working_on(data: Path) -> list[psutil.Process]:
    """Every living process of a server on `data`: its head, or what a killed head left behind.

    Processes of other accounts cannot be seen into; they cannot have opened our cluster either.
    """
    found = []
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
                if Path(process.cwd()) == data:
                    found.append(process)
    return found


def postmaster(data: Path) -> psutil.Process | None:
    """The head of the server on `data`. The others rename themselves to "postgres: …"."""
    for process in working_on(data):
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            command = process.cmdline()
            if command and not command[0].startswith("postgres:"):
                return process
    return None


def end(head: psutil.Process) -> None:
    """Stop a server: roll back what is open and end in order; at once when that takes too long."""
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            head.send_signal(sign)
        if not still_alive([head], STOP_SECONDS):
            return


def still_alive(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that have not ended after `seconds`. Returns as soon as there are none.

    One that has ended but was not yet taken note of by its parent counts as ended; some containers'
    first process takes seconds for that, or never does it.
    """
    deadline = time.monotonic() + seconds
    while processes := [process for process in processes if _is_alive(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return processes


def recover(place: Place) -> None:
    """Clear away what a crash left, so that the server can start again.

    The caller holds the lock and has found that no server answers. Raises DevdbError, and touches
    nothing, while a head is alive: it may be ending, or hang, and its files are not ours to remove.
    """
    head = postmaster(place.data)
    if head and not place.initialized:
        end(head)  # its cluster was deleted under it
    elif head and still_alive([head], STOP_SECONDS):
        raise DevdbError(
            f"PostgreSQL (process {head.pid}) works on {place.data} but does not answer. "
            "End it first."
        )
    end_orphans(place.data)
    socket = place.sockets / f".s.PGSQL.{PORT}"
    for path in (place.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
        path.unlink(missing_ok=True)


def end_orphans(data: Path) -> None:
    """End what a killed head left behind; most of it notices within a moment by itself."""
    orphans = working_on(data)
    for sign in (None, signal.SIGQUIT, signal.SIGKILL):
        for process in orphans:
            with suppress(psutil.NoSuchProcess):
                if sign is not None:
                    process.send_signal(sign)
        orphans = still_alive(orphans, ORPHAN_SECONDS)
    if orphans:
        raise DevdbError(f"A server process ({orphans[0].pid}) on {data} cannot be ended.")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
