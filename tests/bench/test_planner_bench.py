"""The script as people run it: its own process, no settings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.planner_cases import BadFile, read

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


def written(tmp_path, case):
    path = tmp_path / "case.json"
    path.write_text(case if isinstance(case, str) else json.dumps(case))
    return path


def test_the_script_prints_a_plan_and_says_beside_it_what_it_cannot_keep(tmp_path):
    path = written(tmp_path, CASE | {"unavailable": {"ada": ["10", "nowhere"]}})
    done = run(path, "--seed", "3")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"1": [7, 10], "2": ["hall", "nine"]}
    assert done.stderr.splitlines() == [
        f"{path}: 1 is pinned where its host is unavailable",
        f"{path}: long got no place: too long",
    ]


def test_a_seed_gives_the_same_plan_whatever_python_hashes_by():
    """The clock cuts nothing off here, however busy the machine is."""
    code = (
        "from bench.planner_cases import generate; from sessions.scheduling import solver;"
        "plan = solver.plan(generate(20, 4, 6, 60), seconds=0.05, until=float('inf'));"
        "print(list(plan.places.items()), solver.losses(plan.instance, plan.places))"
    )
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": "", "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    )
    assert one == other != ""


def one_session(**fields):
    return CASE | {"sessions": [{"id": "1", "minutes": 45} | fields]}


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "the file: an object expected"),
        ({}, "lacks 'sessions'"),
        (CASE | {"rooms": [{"id": "hall"}, {"id": "hall"}]}, "rooms: an id is there twice"),
        (CASE | {"rooms": [{"id": None}]}, "id in rooms: a text or a whole number expected"),
        (CASE | {"rooms": [{"id": 7, "capacity": "2"}]}, "capacity: a number expected"),
        (CASE | {"rooms": [{"id": 7, "capacity": float("nan")}]}, "capacity: between 0 and"),
        (CASE | {"pinned": {"1": ["cellar", "nine"]}}, "there is no room 'cellar'"),
        (CASE | {"pinned": {"gone": [7, "nine"]}}, "there is no session 'gone'"),
        (CASE | {"pinned": {"1": [7]}}, "pinned 1: a room and a slot expected"),
        (CASE | {"slots": [{"id": 1, "starts_at": "soon", "minutes": 5}]}, "starts_at: Invalid"),
        (CASE | {"people": {"p": [["1"]]}}, "each of people p: a text or a whole number expected"),
        (CASE | {"unavailable": {"ada": "nine"}}, "unavailable ada: a list expected"),
        (one_session(minutes="45"), "minutes: a number expected"),
        (one_session(minutes=True), "minutes: a number expected"),
        (one_session(minutes=10**30), "minutes: between 0 and"),
        (one_session(hosts=[{}]), "each of hosts: a text or a whole number expected"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, case, says):
    with pytest.raises(BadFile, match=f"^{says}"):
        read(written(tmp_path, case))


def test_the_script_ends_with_code_2_where_there_is_no_case(tmp_path):
    done = run(tmp_path / "nothing.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read" in done.stderr
    assert run(written(tmp_path, {}), "--seconds", "-1").returncode == 2


def test_a_case_may_lack_people_absences_and_pins_and_wish_for_what_is_not_there(tmp_path):
    bare = {key: CASE[key] for key in ("sessions", "rooms", "slots")}
    assert read(written(tmp_path, bare)).people == ()
    (person,) = read(written(tmp_path, bare | {"people": {"p": ["1", "1", 9]}})).people
    assert person.wants == {1, 9}
