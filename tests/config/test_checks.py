"""A public site refuses to start without what the law and its cookies need."""

import os
import subprocess
import sys

import pytest

from config import checks
from config.messages import ROOT

COMPLETE = {
    "SECRET_KEY": "a-long-and-random-text-that-nobody-guesses-0123456789-abcdefghijkl",
    "ALLOWED_HOSTS": "stellwand.example",
    "SITE_URL": "https://stellwand.example",
    "IMPRINT": "Ada e. V., Bonn",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
}


def python(code: list[str], **environment) -> subprocess.CompletedProcess:
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *code],
        cwd=ROOT,
        env={**base, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", sorted(checks.MISSING))
def test_a_missing_setting_is_named(settings, name):
    for other in checks.MISSING:
        setattr(settings, other, "given")
    setattr(settings, name, "")
    assert [error.msg for error in checks.production_is_complete(None)] == [
        f"{name} is not set: {checks.MISSING[name]}."
    ]


def test_nothing_is_missing_in_development(settings):
    settings.DEBUG, settings.IMPRINT = True, ""
    assert checks.production_is_complete(None) == []


def test_the_web_process_does_not_start_without_an_imprint():
    done = python(["-c", "import config.wsgi"], **{**COMPLETE, "IMPRINT": ""})
    assert done.returncode != 0
    assert "IMPRINT is not set" in done.stderr.splitlines()[-1]


def test_the_web_process_does_not_start_without_a_secret_key():
    done = python(["-c", "import config.wsgi"], **{**COMPLETE, "SECRET_KEY": ""})
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


def test_the_deployment_check_is_clean():
    done = python(
        ["-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], **COMPLETE
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
