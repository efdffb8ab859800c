"""The discussions of the demo: threads, guests and applause."""

import datetime as dt
import random
from typing import Any

from django.db import connection

from comments.models import Comment, Like
from config.demo.people import Crowd
from config.demo.programme import published_at
from config.lib.text import COMMENT_MAX_LENGTH, render_markdown, slugify
from sessions.models import Event

Described = dict[str, Any]


def load(event: Event, pitches: dict[str, Described], *, crowd: Crowd, now: dt.datetime) -> None:
    """Write all comments of an event in the order of their times, so that ids rise with them."""
    by_title = {pitch.title: pitch for pitch in event.pitches.all()}
    entries = [
        {**entry, "pitch": by_title[pitch["title"]], "file": key}
        for key, pitch in pitches.items()
        for entry in _timed(pitch, published_at(event, pitch, key))
        if entry["at"] <= now
    ]
    entries.sort(key=lambda entry: entry["at"])
    written: dict[tuple[str, str], Comment] = {}
    for entry, pk in zip(entries, _ids(len(entries)), strict=True):
        parent = written.get((entry["file"], entry.get("reply_to", "")))
        written[entry["file"], entry["id"]] = _comment(entry, pk, parent=parent, crowd=crowd)
    Comment.objects.bulk_create(written.values())
    Like.objects.bulk_create(
        like
        for entry in entries
        for like in _likes(entry, written[entry["file"], entry["id"]], crowd=crowd)
    )


def _timed(pitch: Described, published: dt.datetime) -> list[Described]:
    """Each entry with ``at``; ``hours`` counts from what it answers."""
    times: dict[str, dt.datetime] = {}
    for entry in pitch.get("comment", []):
        start = times.get(entry.get("reply_to", ""), published)
        times[entry["id"]] = start + dt.timedelta(
            hours=entry["hours"], minutes=random.Random(entry["text"]).randint(0, 58)
        )
    return [{**entry, "at": times[entry["id"]]} for entry in pitch.get("comment", [])]


def _ids(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('comments_comment', 'id')) "
            "FROM generate_series(1, %s)",
            [number],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _comment(entry: Described, pk: int, *, parent: Comment | None, crowd: Crowd) -> Comment:
    guest = entry.get("guest", "")
    text = entry["text"].strip()
    return Comment(
        id=pk,
        pitch=entry["pitch"],
        parent=parent,
        root=parent and (parent.root or parent),
        depth=parent.depth + 1 if parent else 0,
        path=[*(parent.path if parent else []), pk],
        author=None if guest else crowd.by_key[entry["author"]],
        guest_name=guest,
        guest_email=f"{slugify(guest)}@example.org" if guest else "",
        guest_site=entry.get("site", ""),
        body=text,
        body_html=render_markdown(text, max_length=COMMENT_MAX_LENGTH),
        created_at=entry["at"],
        published_at=entry["at"],
    )


def _likes(entry: Described, comment: Comment, *, crowd: Crowd) -> list[Like]:
    others = [user for user in crowd.by_key.values() if user.pk != comment.author_id]
    likers = random.Random(entry["text"]).sample(others, entry.get("likes", 0))
    return [Like(comment=comment, user=user, created_at=entry["at"]) for user in likers]
