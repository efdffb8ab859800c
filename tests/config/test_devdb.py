"""The embedded PostgreSQL starts, stops and recovers: each time a real server."""

import json
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

from config import devdb, devdb_places, devdb_processes
from tests.config.clusters import another_process, mode, query

# --- Start and stop -------------------------------------------------------------------------


def test_the_server_starts_in_an_empty_home_and_stops(home):
    assert devdb.status().answers is False
    assert devdb.ensure_running() is True
    assert devdb.status().answers is True
    assert devdb.ensure_running() is False
    assert devdb.stop() is True
    assert devdb.stop() is False
    assert devdb_processes.working_on(devdb.status().place.data) == []


def test_the_settings_name_the_socket_without_touching_the_home(home):
    assert devdb.database_settings() == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "stellwand",
        "USER": "postgres",
        "HOST": str(home / "postgres"),
        "PORT": "5432",
    }
    assert not home.exists()


def test_the_server_listens_on_its_private_socket_only(cluster):
    devdb.ensure_running()
    assert query("SHOW listen_addresses") == ""
    assert mode(cluster.sockets) == 0o700
    assert psutil.Process(devdb.status().pid).net_connections("inet") == []


def test_the_database_folds_umlauts_and_leaves_out_german_quotation_marks(cluster):
    devdb.ensure_running()
    assert query("SHOW server_encoding") == "UTF8"
    assert (
        query("SELECT to_tsvector('german', '„Übungen“ – größer')::text") == "'gross':2 'ubung':1"
    )
    assert query("SELECT 'ÄRGER' ILIKE 'ärger'") is True


def test_the_home_is_the_users_data_directory_unless_it_is_chosen(monkeypatch):
    monkeypatch.delenv("STELLWAND_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    expected = Path("/somewhere/data/stellwand") if sys.platform == "linux" else devdb.home()
    assert devdb.home() == expected
    monkeypatch.setenv("STELLWAND_HOME", "/somewhere/else")
    assert devdb.home() == Path("/somewhere/else")


def test_a_server_that_another_process_started_is_not_ended_with_this_one(cluster):
    started = another_process("from config import devdb; print(devdb.ensure_running())")
    assert started.stdout == "True\n"
    assert devdb.ensure_running() is False
    assert devdb.stop_if_started() is False
    assert devdb.status().answers is True


def test_a_server_that_this_process_started_is_ended_with_it(cluster):
    devdb.ensure_running()
    assert devdb.stop_if_started() is True
    assert devdb.status().pid is None


def test_two_processes_at_once_start_one_server(cluster):
    code = "from config import devdb; print(devdb.ensure_running())"
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(another_process, [code, code]))
    assert sorted(result.stdout for result in results) == ["False\n", "True\n"]
    assert devdb.status().answers is True


def test_a_first_start_that_was_interrupted_begins_anew(home):
    place = devdb_places.locate(home)
    devdb_places.prepare(place)
    (place.folder / "data.unfinished" / "base").mkdir(parents=True)
    assert devdb.ensure_running() is True
    assert not (place.folder / "data.unfinished").exists()


def test_a_dropped_database_is_made_again(cluster):
    devdb.ensure_running()
    server = devdb.connect_as_admin()
    server.cursor().execute("DROP DATABASE stellwand")
    server.close()
    assert devdb.ensure_running() is False
    assert query("SELECT current_database()") == "stellwand"


# --- After a crash --------------------------------------------------------------------------


def _reused(place):
    """The process id of somebody alive who is no server of ours."""
    return f"{os.getpid()}\n{place.data}\n1700000000\n5432\n{place.sockets}\n\n   123  456\nready\n"


@pytest.mark.parametrize(
    "torn",
    [_reused, lambda place: "12", lambda place: "", lambda place: "\0\0\0\0", lambda place: "-1\n"],
    ids=["reused", "truncated", "empty", "zeros", "negative"],
)
def test_the_server_starts_after_a_stale_or_torn_process_file(cluster, torn):
    (cluster.data / "postmaster.pid").write_text(torn(cluster))
    (cluster.sockets / ".s.PGSQL.5432.lock").write_text(torn(cluster))
    assert devdb.ensure_running() is True
    assert query("SELECT 1") == 1


def test_the_server_starts_beside_a_torn_list_of_handles(cluster):
    (cluster.data / ".handle_pids.json").write_text("[123, 4")
    assert devdb.ensure_running() is True
    with pytest.raises(json.JSONDecodeError):
        json.loads((cluster.data / ".handle_pids.json").read_text())


def test_the_server_starts_after_a_dead_socket_was_left(cluster):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(cluster.sockets / ".s.PGSQL.5432"))
    assert devdb.ensure_running() is True
    assert query("SELECT 1") == 1


def test_the_server_starts_and_keeps_its_data_after_it_was_killed(cluster, monkeypatch):
    monkeypatch.setattr(devdb_processes, "ORPHAN_SECONDS", 0.5)
    devdb.ensure_running()
    connection = psycopg2.connect(
        host=str(cluster.sockets), port=5432, user="postgres", dbname="stellwand"
    )
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.commit()
    cursor.execute("SELECT pg_backend_pid()")
    busy = psutil.Process(cursor.fetchone()[0])
    busy.send_signal(signal.SIGSTOP)  # so it cannot notice by itself that its head is gone
    head = psutil.Process(devdb.status().pid)
    head.kill()
    assert devdb_processes.still_alive([head], 10) == []
    assert devdb.ensure_running() is True
    assert query("SELECT answer FROM kept") == 42
    assert devdb_processes.still_alive([busy], 0) == []


def test_a_running_server_keeps_its_files_when_it_does_not_answer(cluster, monkeypatch):
    devdb.ensure_running()
    before = (cluster.data / "postmaster.pid").read_text()
    (cluster.sockets / ".s.PGSQL.5432").rename(cluster.sockets / "hidden")
    with monkeypatch.context() as patch:
        patch.setattr(devdb_processes, "STOP_SECONDS", 0.2)
        with pytest.raises(devdb.DevdbError, match="does not answer"):
            devdb.ensure_running()
    assert (cluster.data / "postmaster.pid").read_text() == before
    assert devdb.stop() is True


def test_a_running_server_with_a_torn_process_file_is_used_and_can_be_stopped(cluster):
    devdb.ensure_running()
    (cluster.data / "postmaster.pid").write_text("")
    assert devdb.ensure_running() is False
    assert devdb.stop() is True
    assert devdb.ensure_running() is True


def test_a_damaged_cluster_is_never_replaced(cluster):
    (cluster.data / "PG_VERSION").unlink()
    with pytest.raises(devdb.DevdbError, match="is damaged"):
        devdb.ensure_running()
    assert (cluster.data / "base").is_dir()


def test_a_server_that_cannot_start_says_why_in_one_line(cluster):
    (cluster.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(devdb.DevdbError, match="does not start: ") as error:
        devdb.ensure_running()
    assert "\n" not in str(error.value)
