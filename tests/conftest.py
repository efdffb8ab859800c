"""A real PostgreSQL for every run: the one of ``DATABASE_URL``, or an embedded one of its own."""

import os

import pytest
from django.conf import settings as site
from django.utils import timezone, translation

from config import devdb
from config.messages import compile_catalogues


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        compile_catalogues()  # they are not in the repository
    if not os.environ.get("DATABASE_URL") and not hasattr(config, "workerinput"):
        devdb.ensure_running()


def pytest_unconfigure(config):
    if not os.environ.get("DATABASE_URL") and not hasattr(config, "workerinput"):
        devdb.stop_if_started()


# Files that take longest, first: the last ones decide how long one worker waits for the other.
LONGEST = ("config/test_run", "browser/", "config/test_devdb", "test_admin_matrix", "test_urls")


def pytest_collection_modifyitems(items):
    def place(item):
        path = item.path.as_posix()
        return next((at for at, part in enumerate(LONGEST) if part in path), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _fresh_thread():
    """A page leaves its event's zone and language to the thread; the next test shall not see."""
    timezone.deactivate()
    translation.activate(site.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def media_and_mail(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
