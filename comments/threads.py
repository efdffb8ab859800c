"""A pitch's comments as a flat list in reading order: one query, one loop, no recursion."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from comments import likes
from comments.models import Comment
from comments.posting import is_editable
from sessions import access
from sessions.models import Pitch

DEEPEST_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a thread. ``parent`` is the true one, however flat the page shows it."""

    comment: Comment
    parent: Comment | None
    like_count: int
    is_liked: bool
    is_mine: bool
    is_editable: bool

    @property
    def depth(self) -> int:
        return self.comment.depth

    @property
    def level(self) -> int:
        """How far it is indented."""
        return min(self.comment.depth, DEEPEST_LEVEL)

    @property
    def is_deep(self) -> bool:
        """Whether the indent does not tell any more what it answers."""
        return self.comment.depth > DEEPEST_LEVEL

    @property
    def other_likes(self) -> int:
        return self.like_count - self.is_liked


@dataclass(frozen=True, slots=True)
class Thread:
    entries: list[Entry]
    count: int  # the published ones


def load(
    pitch: Pitch, *, user: access.Viewer, now: dt.datetime, visitor: uuid.UUID | None = None
) -> Thread:
    """Everything that a page shows of the discussion: one query, one more for a log-in."""
    rows = pitch.comments.in_thread().with_authors().with_like_count().in_thread_order()
    shown = _shown(list(rows))
    liked = likes.of(user, pitch) if user.is_authenticated else set()
    entries = [
        _entry(row, shown, is_liked=row.pk in liked, is_mine=_is_mine(row, user, visitor), now=now)
        for row in shown.values()
    ]
    return Thread(entries, sum(row.is_published for row in shown.values()))


def entry(comment: Comment, *, user: access.Viewer, now: dt.datetime) -> Entry:
    """One line alone: a comment loaded ``with_like_count()``; one query."""
    is_liked = user.is_authenticated and comment.likes.filter(user=user).exists()
    return _entry(comment, {}, is_liked=is_liked, is_mine=_is_mine(comment, user, None), now=now)


def _shown(rows: list[Comment]) -> dict[int, Comment]:
    """Published comments, and those without text that still hold a published one below them.

    From the end every reply comes before what it answers.
    """
    needed: set[int | None] = set()
    shown = []
    for row in reversed(rows):
        if row.is_published or row.pk in needed:
            needed.add(row.parent_id)
            shown.append(row)
    return {row.pk: row for row in reversed(shown)}


def _entry(
    row: Comment, shown: dict[int, Comment], *, is_liked: bool, is_mine: bool, now: dt.datetime
) -> Entry:
    return Entry(
        comment=row,
        parent=shown.get(row.parent_id) if row.parent_id else None,
        like_count=row.like_count,
        is_liked=is_liked,
        is_mine=is_mine,
        is_editable=is_mine and is_editable(row, now),
    )


def _is_mine(row: Comment, user: access.Viewer, visitor: uuid.UUID | None) -> bool:
    if user.is_authenticated and row.author_id == user.pk:
        return True
    return visitor is not None and row.visitor == visitor


def find(entries: Iterable[Entry], pk: int | None) -> Entry | None:
    """The published entry with this id."""
    return next((e for e in entries if e.comment.pk == pk and e.comment.is_published), None)
