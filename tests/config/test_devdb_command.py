"""`manage.py devdb`, and manage.py itself where it starts the embedded PostgreSQL."""

from subprocess import CompletedProcess

import pytest

from config import devdb_places
from config.management.commands.devdb import Command
from tests.config.clusters import manage, mode, query, tell


@pytest.fixture
def run(capfd):
    """The command in this process, which spares two seconds of imports each time."""

    def run(*arguments):
        capfd.readouterr()
        code = 0
        try:
            Command().run_from_argv(["manage.py", "devdb", *arguments])
        except SystemExit as end:
            code = end.code
        return CompletedProcess(arguments, code, *capfd.readouterr())

    return run


def test_the_command_starts_reports_and_stops(cluster, run):
    stopped = run("status")
    assert stopped.returncode == 3
    assert stopped.stdout.startswith("The embedded PostgreSQL is stopped.\nProcess: none\n")
    assert manage("devdb", "start").stdout == "Started.\n"
    running = run("status")
    assert running.returncode == 0
    assert f"Files: {cluster.data}\n" in running.stdout
    assert run("stop").stdout == "Stopped.\n"


def test_a_dump_brings_everything_back_and_nothing_newer(cluster, tmp_path, run):
    copy = tmp_path / "copy.dump"
    manage("devdb", "psql", "--", "-c", "CREATE TABLE old AS SELECT '„Ä“ 🎉' AS word")
    assert run("dump", str(copy)).returncode == 0
    assert mode(copy) == 0o600
    tell("DROP TABLE old; CREATE TABLE newer (id int)")
    assert run("restore", str(copy)).stdout == f"The database is what {copy} holds.\n"
    assert query("SELECT word FROM old") == "„Ä“ 🎉"
    assert query("SELECT to_regclass('newer') IS NULL") is True
    databases = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
    assert query(databases) == "postgres stellwand template0 template1"


def test_a_file_that_is_no_dump_leaves_the_database_as_it_is(cluster, tmp_path, run):
    torn = tmp_path / "torn.dump"
    torn.write_text("no dump")
    run("start")
    tell("CREATE TABLE kept AS SELECT 1 AS number")
    refused = run("restore", str(torn))
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: pg_restore failed: ")
    assert refused.stderr.count("\n") == 1
    assert query("SELECT number FROM kept") == 1


@pytest.mark.parametrize("action", [("start",), ("psql",), ("dump", "x"), ("restore", "x")])
def test_the_command_leaves_an_external_database_alone(home, action, run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@localhost/nothing")
    refused = run(*action)
    assert refused.returncode == 1
    assert refused.stderr == (
        "CommandError: DATABASE_URL is set: the site does not use the embedded PostgreSQL.\n"
    )
    assert not home.exists()


def test_a_command_that_needs_the_database_fails_in_one_line_when_it_cannot_start(home):
    devdb_places.make_home(home)
    (home / "postgres").write_text("")
    failed = manage("showmigrations")
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"{home}/postgres is not a folder of ours.")
    assert failed.stderr.count("\n") == 1
