"""The script as people run it: its own process, no settings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CASE = {
    "sessions": [
        {"id": 1, "minutes": 45, "hosts": ["ada"]},
        {"id": "2", "minutes": 45, "hosts": ["ada"]},
        {"id": "long", "minutes": 120, "hosts": []},
    ],
    "rooms": [{"id": "hall", "capacity": 80}, {"id": 7, "capacity": 20}],
    "slots": [
        {"id": "nine", "starts_at": "2015-11-09T09:00:00+01:00", "minutes": 45},
        {"id": 10, "starts_at": "2015-11-09T10:00:00+01:00", "minutes": 45},
    ],
    "people": {"p": ["1", 2], "q": [1, "gone"]},
    "unavailable": {"ada": ["nowhere"]},
    "pinned": {"1": ["7", "10"]},
}


def run(path, *arguments):
    return subprocess.run(
        [sys.executable, "bench/planner.py", "--instance", path, "--seconds", "0.2", *arguments],
        cwd=ROOT,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_prints_a_plan_and_nothing_else(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    done = run(path, "--seed", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"1": [7, 10], "2": ["hall", "nine"]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "the file: dict expected"),
        ("{}", "lacks 'sessions'"),
        (json.dumps(CASE | {"rooms": [{"id": "hall"}, {"id": "hall"}]}), "an id is there twice"),
        (json.dumps(CASE | {"pinned": {"1": ["cellar", "nine"]}}), "there is no room 'cellar'"),
        (json.dumps(CASE | {"slots": [{"id": 1, "starts_at": "soon", "minutes": 5}]}), "isoformat"),
    ],
)
def test_the_script_refuses_a_bad_file_with_code_2(tmp_path, text, says):
    path = tmp_path / "case.json"
    path.write_text(text)
    done = run(path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_the_script_refuses_a_file_that_is_not_there(tmp_path):
    done = run(tmp_path / "nothing.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read" in done.stderr
