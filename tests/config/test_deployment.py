"""What a host reads agrees with what the site reads."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The files around the settings read these; manage.py and the embedded server know the second.
BESIDE_THE_SETTINGS = {"POSTGRES_PASSWORD", "STELLWAND_HOME"}


def test_the_example_lists_every_setting_of_the_environment_and_no_other():
    read = re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", _text("config/settings.py"))
    listed = re.findall(r"^#?([A-Z_]+)=", _text(".env.example"), re.MULTILINE)
    assert sorted(listed) == sorted({*read, *BESIDE_THE_SETTINGS})


def test_the_image_copies_every_folder_of_the_site_and_nothing_secret():
    copied = re.findall(r"^COPY (\w+)/ ", _text("Dockerfile"), re.MULTILINE)
    packages = [path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    assert sorted(copied) == sorted({*packages, "static", "templates"} - {"tests"})
    assert [line for line in _text(".dockerignore").splitlines() if line.startswith("!.")] == []


def _text(path):
    return (ROOT / path).read_text("utf-8")
