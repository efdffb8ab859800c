"""Three invented unconferences: one past, one running today, one to come.

The texts are TOML files in ``data/``; these modules only give them dates, readers and rows.
Nothing is drawn at random twice: the same day loads the same demo.
"""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from config.demo import desk, people, programme, talk

DATA = Path(__file__).resolve().parent / "data"
PASSWORD = "stellwand"  # accounts of the demo can log in without reading its mail folder


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@transaction.atomic
def load(now: dt.datetime) -> None:
    """Write the whole demo into an empty database. Takes a few seconds."""
    persons = people.load(read(DATA / "people.toml")["person"], password=PASSWORD)
    for described in read(DATA / "events.toml")["event"]:
        pitches = {
            path.stem: read(path) for path in sorted((DATA / described["slug"]).glob("*.toml"))
        }
        crowd = people.crowd(persons, event_slug=described["slug"])
        event = programme.load(described, pitches, crowd=crowd, now=now)
        talk.load(event, pitches, crowd=crowd, now=now)
        desk.load(event, described, pitches, crowd=crowd)
