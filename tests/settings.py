"""Settings of the test run: production's, with what makes tests quick and readable."""

import os

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("IMPRINT", "**Beispielverein e. V.**, Musterweg 1, 53111 Bonn")
os.environ.pop("EMAIL_URL", None)

from config.settings import *  # noqa: E402, F403

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"  # noqa: F405
