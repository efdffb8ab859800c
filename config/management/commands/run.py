"""`make run`: the whole site on one machine, and the end of all of it with Ctrl-C.

Settings have been read when this starts: the Makefile and manage.py set `DEBUG`, and what is set
here is for the processes that this one starts.
"""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config import demo, devdb
from config.demo import people
from config.messages import compile_catalogues
from sessions.models import Event
from speakers.models import User

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"
START_SECONDS = 60
END_SECONDS = 10
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Run the site, its worker and the embedded PostgreSQL until Ctrl-C."
    requires_system_checks = ()  # migrate runs them, once there is a database

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            port = port_from(os.environ.get("PORT", ""))
            for number in ENDING_SIGNALS:
                signal.signal(number, _interrupt)
            with suppress(KeyboardInterrupt), ExitStack() as stack:
                self.serve(port, stack)
        except devdb.DevdbError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {_first_line(error)}") from error
        self.stdout.write("Everything is stopped.")

    def serve(self, port: int, stack: ExitStack) -> None:
        """Start everything in order; `stack` ends it in the opposite order."""
        home = devdb.home()
        devdb.make_home(home)
        stack.enter_context(only_run_of(home))
        refuse_taken(port)
        if not os.environ.get("DATABASE_URL"):
            stack.callback(stop_database)
            devdb.ensure_running()
        prepare_site()
        children = stack.enter_context(running(commands(port), environment(port, home)))
        wait_for_answer(port, children)
        self.stdout.write(welcome(port, home))
        while True:
            refuse_ended(children)
            time.sleep(0.5)


def port_from(text: str) -> int:
    """The port in `PORT`, 8000 when it is empty. Raises CommandError."""
    port = int(text) if text.isascii() and text.isdigit() else 0 if text else 8000
    if not 0 < port < 65536:
        raise CommandError(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return port


def refuse_taken(port: int) -> None:
    """Raise CommandError when anybody listens on `port`, under whatever address of this machine.

    The web server would not notice: it shares a port with its like, and a browser that is sent to
    localhost may try IPv6 first and so meet a stranger.
    """
    # BSD and macOS let one address be taken beside a listener on all of them: ask for each.
    for family, address in (
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0"),  # noqa: S104 - only to see whether it is free
        (socket.AF_INET6, "::1"),
        (socket.AF_INET6, "::"),
    ):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(
                    f"Port {port} is taken by another program. "
                    f"Choose one: make run PORT={port % 65000 + 1}"
                ) from error
            if error.errno == errno.EACCES:
                raise CommandError(
                    f"Port {port} is closed to you. Choose one above 1023."
                ) from error
            # A machine without IPv6 has nobody listening there.


@contextmanager
def only_run_of(home: Path) -> Iterator[None]:
    """Hold the home, for the end of one run would take the database from another."""
    with (home / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"Stellwand runs from {home} already. Choose another STELLWAND_HOME."
            ) from error
        yield


def stop_database() -> None:
    _hear_no_signals()
    devdb.stop_if_started()


def prepare_site() -> None:
    """Bring an empty or older database up to date. Static files need nothing: DEBUG serves them."""
    compile_catalogues()
    call_command("migrate", interactive=False, verbosity=0)
    if not Event.objects.exists():
        call_command("demo")


def commands(port: int) -> dict[str, list[str]]:
    web = ["granian", "config.wsgi:application", "--interface", "wsgi", "--log-level", "warning"]
    size = ["--workers", "2", "--blocking-threads", "1"]
    return {
        "web server": [sys.executable, "-m", *web, *size, "--port", str(port)],
        "worker": [sys.executable, str(MANAGE), "worker"],
    }


def environment(port: int, home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "STELLWAND_HOME": str(home),
        "SITE_URL": os.environ.get("SITE_URL") or f"http://localhost:{port}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def running(
    commands: dict[str, list[str]], environment: dict[str, str]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """The processes by name. Each leads a group of its own, so that Ctrl-C reaches only us."""
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            children[name] = subprocess.Popen(
                command, cwd=MANAGE.parent, env=environment, start_new_session=True
            )
        yield children
    finally:
        _hear_no_signals()
        end(list(children.values()))


def end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to finish what it does, and after a while end its whole group."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + END_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def wait_for_answer(port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        refuse_ended(children)
        with suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        time.sleep(0.1)
    raise CommandError(f"The web server did not answer within {START_SECONDS} seconds.")


def refuse_ended(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise CommandError(f"The {name} ended by itself (exit code {child.returncode}).")


def welcome(port: int, home: Path) -> str:
    return "\n".join(
        (
            "",
            f"Stellwand runs: http://localhost:{port}/",
            *demo_logins(port),
            f"Mails, log-in codes too, are files in {home / 'mail'}",
            "Stop everything: Ctrl-C",
        )
    )


def demo_logins(port: int) -> list[str]:
    """Lines on who can log in, none when the database holds something else than the demo."""
    roles = {
        "organiser": people.ORGANISER,
        "moderator": people.MODERATOR,
        "speaker": people.SPEAKER,
    }
    known = set(User.objects.filter(email__in=roles.values()).values_list("email", flat=True))
    return [
        f"Log in as {role}: {email}, password {demo.PASSWORD}"
        for role, email in roles.items()
        if email in known
    ] + ([f"The organisers' desk: http://localhost:{port}/admin/"] if known else [])


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _hear_no_signals() -> None:
    """The end is under way and takes a moment: a second Ctrl-C must not break it off."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
