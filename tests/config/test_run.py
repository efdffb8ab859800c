"""`manage.py run`: what it refuses before it starts, and that nothing of it outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.core.management.base import CommandError

from config.devdb_processes import still_alive
from config.management.commands import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _site(**environment):
    """A run in a process of its own, which is killed if the test has not ended it."""
    site = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "run"],
        env={**os.environ, "DATABASE_URL": "", "DEBUG": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with site:
        try:
            yield site
        finally:
            site.kill()


def _fail(**environment):
    """What a run that cannot start writes, when it ends."""
    with _site(**environment) as site:
        output, _ = site.communicate(timeout=120)
    assert site.returncode == 1
    return output


# --- Refusals -------------------------------------------------------------------------------


def test_the_port_is_8000_unless_it_is_chosen():
    assert run.port_from("") == 8000
    assert run.port_from("8111") == 8111


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80.5", "web", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused(text):
    with pytest.raises(CommandError, match="PORT must be a number from 1 to 65535"):
        run.port_from(text)


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0"),  # noqa: S104 - that is the case
        (socket.AF_INET6, "::1"),
        (socket.AF_INET6, "::"),
    ],
)
def test_a_port_is_refused_when_anybody_listens_there(family, address):
    if family == socket.AF_INET6 and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.socket(family) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken by another program"):
            run.refuse_taken(port)
    run.refuse_taken(port)


def _has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_an_occupied_port_is_one_line_and_starts_nothing(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        output = _fail(PORT=str(port), STELLWAND_HOME=str(tmp_path / "home"))
    assert output == (
        f"CommandError: Port {port} is taken by another program. "
        f"Choose one: make run PORT={port % 65000 + 1}\n"
    )
    assert not (tmp_path / "home" / "postgres").exists()


def test_an_unwritable_home_is_one_line(free_port):
    output = _fail(PORT=str(free_port), STELLWAND_HOME="/dev/null/stellwand")
    assert output.startswith("CommandError: Cannot write to /dev/null/stellwand: ")
    assert output.count("\n") == 1


def test_a_database_that_does_not_answer_is_one_line(free_port, tmp_path):
    dead = f"postgres://nobody@127.0.0.1:{free_port}/nothing"
    output = _fail(PORT=str(free_port), STELLWAND_HOME=str(tmp_path / "home"), DATABASE_URL=dead)
    assert output.startswith("CommandError: The database does not answer: ")
    assert output.count("\n") == 1


def test_a_home_has_one_run_at_a_time(tmp_path):
    with (
        run.only_run_of(tmp_path),
        pytest.raises(CommandError, match=f"Stellwand runs from {tmp_path} already"),
        run.only_run_of(tmp_path),
    ):
        pass
    with run.only_run_of(tmp_path):
        pass


# --- Processes ------------------------------------------------------------------------------


@pytest.fixture
def signals():
    """The handlers of this process as they were: the end of a run deafens it."""
    before = {number: signal.getsignal(number) for number in run.ENDING_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_end_takes_the_children_of_children_too(signals, tmp_path):
    script = "sleep 60 & echo $! > grandchild; wait"
    with run.running({"parent": ["sh", "-c", f"cd {tmp_path}; {script}"]}, os.environ.copy()):
        while not (tmp_path / "grandchild").exists() or not _read(tmp_path / "grandchild"):
            time.sleep(0.01)
        grandchild = psutil.Process(int(_read(tmp_path / "grandchild")))
    assert still_alive([grandchild], 5) == []


def _read(path):
    return path.read_text().strip()


def test_a_child_that_does_not_listen_is_killed_after_a_while(signals, monkeypatch):
    monkeypatch.setattr(run, "END_SECONDS", 0.2)
    deaf = [sys.executable, "-c", "import signal as s; s.signal(15, s.SIG_IGN); s.pause()"]
    with run.running({"deaf": deaf}, os.environ.copy()) as children:
        time.sleep(0.3)
    assert children["deaf"].returncode is not None


def test_a_child_that_ends_by_itself_ends_the_run(signals):
    with run.running({"worker": ["sh", "-c", "exit 7"]}, os.environ.copy()) as children:
        children["worker"].wait()
        with pytest.raises(CommandError, match=r"The worker ended by itself \(exit code 7\)"):
            run.refuse_ended(children)


def test_a_run_serves_the_site_and_leaves_nothing_behind_and_can_be_repeated(free_port, home):
    for ending in (signal.SIGINT, signal.SIGTERM):
        with _site(PORT=str(free_port), STELLWAND_HOME=str(home)) as site:
            lines = _lines_up_to(site, "Stop everything: Ctrl-C\n")
            assert f"Stellwand runs: http://localhost:{free_port}/\n" in lines
            assert "Log in as organiser: regie@example.org, password stellwand\n" in lines
            address = f"http://127.0.0.1:{free_port}/healthz"
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
            started = [*psutil.Process(site.pid).children(recursive=True), *_servers_of(home)]
            site.send_signal(ending)
            rest, _ = site.communicate(timeout=60)
        assert rest.endswith("Everything is stopped.\n")
        assert site.returncode == 0
        assert len(started) > 3
        assert still_alive(started, 0) == []


def _lines_up_to(site, last):
    lines = []
    for line in site.stdout:
        lines.append(line)
        if line == last:
            return lines
    raise AssertionError("".join(lines))


def _servers_of(home):
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and str(home) in " ".join(process.info["cmdline"])
    ]
