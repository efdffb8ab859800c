"""The set-up before `make run` and `make test`: one clear line whenever it cannot go on."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap

SCRIPT = Path(bootstrap.__file__)
UNKNOWN = "no-such-package-of-stellwand==1.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def checkout(tmp_path):
    """A folder with the script, an empty lock and no virtual environment."""
    (tmp_path / "config").mkdir()
    shutil.copy(SCRIPT, tmp_path / "config")
    (tmp_path / "requirements.lock").write_text("")
    return tmp_path


def _own_venv(checkout):
    """The environment of these tests, so that none has to be made. pip reaches no index."""
    (checkout / ".venv").symlink_to(sys.prefix)


def _bootstrap(checkout, *, before="", path=None):
    """Run the script as make does; `before` is Python that runs in the same process first."""
    code = f"{before}\nimport runpy; runpy.run_path({str(checkout / 'config/bootstrap.py')!r}, "
    code += "run_name='__main__')"
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        [sys.executable, "-c", code, "run"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _assert_one_line(failed, start):
    assert failed.returncode == 1
    assert failed.stderr.startswith(start)
    assert failed.stderr.count("\n") == 1


def test_an_old_python_is_refused_in_one_line(checkout, tmp_path):
    before = "import sys; sys.version_info = (3, 9, 2, 'final', 0)"
    failed = _bootstrap(checkout, before=before, path=tmp_path / "nothing")
    _assert_one_line(failed, "Stellwand needs Python 3.11 or newer; this is ")


def test_an_old_python_hands_over_to_a_newer_one(checkout, tmp_path):
    newer = tmp_path / "bin" / "python3.12"
    newer.parent.mkdir()
    newer.write_text('#!/bin/sh\necho "newer: $*"\n')
    newer.chmod(0o755)
    before = "import sys; sys.version_info = (3, 9, 2, 'final', 0)"
    handed = _bootstrap(checkout, before=before, path=f"{newer.parent}:/bin")
    assert handed.stdout == f"newer: -I {checkout}/config/bootstrap.py run\n"


def test_a_package_without_a_wheel_is_one_line(checkout):
    _own_venv(checkout)
    (checkout / "requirements.lock").write_text(UNKNOWN)
    _assert_one_line(_bootstrap(checkout), "There is no ready-made package for Python ")


def test_packages_are_installed_again_only_when_the_lock_changes(checkout):
    lock = checkout / "requirements.lock"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    python = checkout / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> {checkout}/calls\n')
    python.chmod(0o755)
    assert _bootstrap(checkout).returncode == 0
    assert _bootstrap(checkout).returncode == 0
    lock.write_text("# changed\n")
    assert _bootstrap(checkout).returncode == 0
    calls = (checkout / "calls").read_text().splitlines()
    installs = [call for call in calls if " install " in call]
    assert len(installs) == 2
    assert installs[0].endswith(
        f"--no-deps --require-hashes --only-binary :all: --disable-pip-version-check -r {lock}"
    )
    stamp = checkout / ".venv" / "requirements.lock.installed"
    assert stamp.read_text() == hashlib.sha256(b"# changed\n").hexdigest()


def test_a_virtual_environment_that_cannot_be_made_is_one_line(checkout):
    (checkout / ".venv").write_text("")
    _assert_one_line(_bootstrap(checkout), "The virtual environment cannot be made in ")


def test_a_missing_venv_module_names_the_package_to_install(checkout, tmp_path):
    before = """
import importlib.util, os
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "ensurepip" else find(name)
os.geteuid = lambda: 1000
"""
    failed = _bootstrap(checkout, before=before)
    package = "python{}.{}-venv".format(*sys.version_info)
    _assert_one_line(
        failed, f"Python's venv is missing. Install it: sudo apt-get install {package}"
    )


def test_an_installed_browser_is_enough(monkeypatch, tmp_path):
    (tmp_path / "google-chrome").write_text("")
    (tmp_path / "google-chrome").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    bootstrap._find_browser(Path("/no/environment"))


def test_a_browser_that_cannot_be_had_is_a_failure_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    with pytest.raises(SystemExit, match="The tests need Chromium, and it cannot be had: "):
        bootstrap._find_browser(Path(sys.prefix))


def test_the_checks_stop_at_the_first_that_fails_and_name_it(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(
        bootstrap,
        "CHECKS",
        (("first", "touch one"), ("second", "false"), ("third", "touch three")),
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/bin/true")
    assert bootstrap.check(tmp_path) == 1
    assert (tmp_path / "one").exists()
    assert not (tmp_path / "three").exists()
    assert capfd.readouterr().out.splitlines()[-1] == "make test stopped at: second"
