import shutil

import pytest

from config import devdb, devdb_places
from tests.config import clusters


@pytest.fixture(scope="session")
def template():
    """A cluster that was made once and stopped in order: copied, it saves a second per test."""
    folder = clusters.short_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STELLWAND_HOME", str(folder / "home"))
        devdb.ensure_running()
        devdb.stop()
        place = devdb_places.locate(devdb.home())
    yield place
    shutil.rmtree(folder)


@pytest.fixture
def home(monkeypatch):
    """An empty home with a short path that every account may pass to, stopped at the end."""
    folder = clusters.short_folder()
    monkeypatch.setenv("STELLWAND_HOME", str(folder / "home"))
    monkeypatch.setattr(devdb_places, "SYSTEM_FOLDER", folder / "system")
    monkeypatch.setitem(devdb.SERVER_SETTINGS, "fsync", "off")
    yield folder / "home"
    devdb.stop()
    shutil.rmtree(folder)


@pytest.fixture
def cluster(home, template):
    """A home that was used before and is at rest now."""
    clusters.copy(template, devdb_places.locate(home))
    return devdb_places.locate(home)
