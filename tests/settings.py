"""Settings of the test run: production's, with what makes tests quick and readable."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("IMPRINT", "**Beispielverein e. V.**, Musterweg 1, 53111 Bonn")
os.environ.pop("EMAIL_URL", None)

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # noqa: F405 - for its flush
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"  # noqa: F405
WHITENOISE_AUTOREFRESH = True  # static files come from their sources, nothing is collected
WHITENOISE_USE_FINDERS = True
# The tables come from the models, which is ten seconds quicker than the migrations; that both say
# the same is checked by makemigrations --check, and tests/config/test_run.py migrates for real.
PGTRIGGER_INSTALL_ON_MIGRATE = PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = True
KEEP_PAGES = False  # tests change rows without committing; tests/config/test_pages.py turns it on
