"""Whoever reads a discussion, and what of it exists for them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from comments.models import Comment
from sessions.access import Viewer

State = Comment.State


class Line(NamedTuple):
    """What is read of every comment of a long discussion, in this order of columns."""

    pk: int
    parent_id: int | None
    root_id: int | None
    state: str
    author_id: int | None
    visitor: uuid.UUID | None
    published_at: dt.datetime | None
    like_count: int = 0  # read only where it orders


R = TypeVar("R", Comment, Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What was published after ``since`` is new to them, if that is known."""

    user: Viewer
    visitor: uuid.UUID | None = None
    moderates: bool = False
    since: dt.datetime | None = None

    def wrote(self, row: Comment | Line) -> bool:
        """Whether it is of their account or of their browser."""
        if self.user.is_authenticated and row.author_id == self.user.pk:
            return True
        return self.visitor is not None and row.visitor == self.visitor

    def sees(self, row: Comment | Line) -> bool:
        """Its text, that is: what is held or was just deleted stays between few."""
        if row.state in Comment.HELD:
            return self.moderates or self.wrote(row)
        if row.state == State.LEAVING:
            return self.wrote(row)
        return row.state == State.PUBLISHED

    def finds_new(self, row: Comment | Line) -> bool:
        if self.since is None or row.published_at is None or row.published_at <= self.since:
            return False
        return row.state == State.PUBLISHED and not self.wrote(row)

    def shown(self, rows: Sequence[R]) -> list[R]:
        """What the reader sees, and whatever else holds that below it, as a note.

        From the end of a thread every reply comes before what it answers.
        """
        needed: set[int | None] = set()
        shown = []
        for row in reversed(rows):
            if row.pk in needed or self.sees(row):
                needed.add(row.parent_id)
                shown.append(row)
        return shown[::-1]
