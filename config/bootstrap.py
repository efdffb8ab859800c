"""Set up what `make run` and `make test` need, with nothing but Python itself.

Whatever `python3` is reads this file, so it uses no syntax that an old one lacks.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKS = (
    ("style", "ruff check ."),
    ("format", "ruff format --check ."),
    ("types", "mypy config sessions speakers comments"),
    ("import contracts", "lint-imports"),
    ("templates", "djlint templates --lint --quiet"),
    ("missing migrations", "python manage.py makemigrations --check"),
    ("missing translations", "python manage.py messages --check"),
    ("tests", "pytest -n 2"),
)


def main(purpose):
    """`run` or `test`: set up; for `test`, check everything too. A failure is one line."""
    if sys.version_info < OLDEST:
        _try_newer_python(purpose)
    venv = ROOT / ".venv"
    _make_venv(venv)
    _install(venv, ROOT / LOCKS[purpose])
    if purpose == "test":
        _find_browser(venv)
        sys.exit(check(venv))


def check(venv):
    """Run every check up to the first that fails, and return the exit code."""
    tools = os.pathsep.join((str(venv / "bin"), os.environ.get("PATH", "")))
    home = os.environ.get("STELLWAND_HOME") or str(ROOT / "var" / "test")
    environment = dict(os.environ, PATH=tools, STELLWAND_HOME=home, DEBUG="1")
    try:
        for name, command in CHECKS:
            _say(f"== {name}: {command}")
            code = subprocess.call(command.split(), cwd=str(ROOT), env=environment)
            if code:
                _say(f"make test stopped at: {name}")
                return code
    finally:
        stop = [str(venv / "bin" / "python"), "manage.py", "devdb", "stop"]
        subprocess.call(stop, cwd=str(ROOT), env=environment, stdout=subprocess.DEVNULL)
    return 0


def _try_newer_python(purpose):
    for name in NEWER_NAMES:
        path = shutil.which(name)
        if path:
            sys.stdout.flush()
            os.execv(path, [path, "-I", __file__, purpose])  # noqa: S606 - the same, by a newer one
    sys.exit(
        f"Stellwand needs Python 3.11 or newer; this is {platform.python_version()}. Install one, "
        f"then: make {purpose} PYTHON=/path/to/python3"
    )


def _make_venv(venv):
    python = venv / "bin" / "python"
    if python.exists() and _quietly(python, "-m", "pip", "--version"):
        return
    _require_venv_module()
    _say("Making the virtual environment .venv")
    made = _run(sys.executable, "-m", "venv", "--clear", venv)
    if made.returncode:
        sys.exit(f"The virtual environment cannot be made in {ROOT}: {_reason(made)}")


def _require_venv_module():
    """Debian keeps the part of Python that makes virtual environments in a package of its own."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if not _apt_install(package):
        sys.exit(f"Python's venv is missing. Install it: sudo apt-get install {package}")


def _install(venv, lock):
    """Install exactly what `lock` names, unless the stamp says that this was done."""
    stamp = venv / (lock.name + ".installed")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say(f"Installing {lock.name} (once)")
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    options = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check"]
    installed = _run(*pip, *options, "-r", lock)
    if installed.returncode:
        sys.exit(_explain(installed))
    stamp.write_text(wanted)


def _explain(installed):
    """pip's failure as one line. Nothing is ever compiled: it is a missing wheel instead."""
    reason = _reason(installed)
    if "No matching distribution" in installed.stderr:
        machine = f"Python {platform.python_version()} on {platform.machine()}"
        return f"There is no ready-made package for {machine}: {reason}"
    return f"The packages cannot be installed: {reason}"


def _find_browser(venv):
    """An installed Chromium or Chrome, else Debian's, else Playwright's own; never none."""
    if any(map(shutil.which, BROWSERS)):
        return
    if _apt_install("chromium") and shutil.which("chromium"):
        return
    _say("Downloading Chromium for the browser tests")
    extra = ["--with-deps"] if os.geteuid() == 0 and shutil.which("apt-get") else []
    fetched = _run(venv / "bin" / "python", "-m", "playwright", "install", *extra, "chromium")
    if fetched.returncode:
        sys.exit(f"The tests need Chromium, and it cannot be had: {_reason(fetched)}")


def _apt_install(package):
    """Whether root has installed the Debian package just now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say(f"Installing {package} (apt-get)")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", package]
    for command in (install, ["apt-get", "update"], install):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL)
        if command is install and done.returncode == 0:
            return True
    return False


def _run(*command):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
    )


def _quietly(*command):
    return _run(*command).returncode == 0


def _reason(done):
    """The line of a failed command that says most: the last one that names an error."""
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    named = [line for line in lines if line.lower().startswith("error")]
    return (named or lines or ["it gave no reason"])[-1]


def _say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
