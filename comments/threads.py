"""A pitch's comments as a flat list in reading order: few queries, one loop, no recursion."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from comments import likes, paging
from comments.closures import Closed
from comments.models import Comment
from comments.models.comment import CommentQuerySet
from comments.posting import can_undo, is_editable
from comments.readers import Line, Reader
from sessions.access import Viewer
from sessions.models import Pitch

DEEPEST_LEVEL = 4
# A thread with at least so many replies shows the first of them and folds the others.
FOLDED_FROM, UNFOLDED = 12, 6
OPEN = Closed(whole=False, roots=frozenset())
ALL = paging.Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a comment stands on its page.

    ``folds`` is how many entries the fold holds that begins with it, and ``ends_fold`` marks its
    last; below the last one of a long branch ``further`` more replies stand on other pages.
    """

    parent: Comment | None = None
    has_parent_here: bool = False
    folds: int = 0
    is_unfolded: bool = False
    ends_fold: bool = False
    further: int = 0


ALONE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a thread, as one reader sees it."""

    comment: Comment
    like_count: int
    is_liked: bool
    is_mine: bool
    is_editable: bool
    may_undo: bool = False
    is_seen: bool = True
    is_new: bool = False
    is_closed: bool = False
    place: Place = ALONE

    @property
    def parent(self) -> Comment | None:
        """The true one, however flat the page shows it."""
        return self.place.parent

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

    @property
    def takes_replies(self) -> bool:
        return self.comment.is_published and not self.is_closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """``entries`` are those of one page, the counts of the whole discussion.

    ``root`` is that of the branch if the page shows but one; ``previous`` and ``next`` are query
    strings, None where there is nothing.
    """

    entries: list[Entry]
    count: int
    root_count: int
    new_count: int
    first_new: int | None
    order: str
    root: Comment | None
    previous: str | None
    next: str | None

    @property
    def is_first_new_here(self) -> bool:
        return any(entry.comment.pk == self.first_new for entry in self.entries)


def load(
    pitch: Pitch,
    reader: Reader,
    *,
    now: dt.datetime,
    closed: Closed = OPEN,
    asked: paging.Asked = ALL,
) -> Thread:
    """What a page shows of the discussion: one query up to ``paging.WHOLE`` comments, else three.

    One more for a log-in.
    """
    user = reader.user
    rows = pitch.comments.in_thread(user=user, visitor=reader.visitor, moderates=reader.moderates)
    lines, part, loaded = _read(rows.in_thread_order(), reader, asked)
    liked = likes.of(user, pitch) if user.is_authenticated else set()
    news = [line.pk for line in lines if reader.finds_new(line)]
    here = {row.pk for row in part.rows}
    return Thread(
        entries=[
            _entry(row, reader, is_liked=row.pk in liked, now=now, closed=closed, place=place)
            for row, place in _places(part, loaded, here, _unfolding(reader, asked.comment))
        ],
        count=sum(line.state == Comment.State.PUBLISHED for line in lines),
        root_count=sum(line.root_id is None for line in lines),
        new_count=len(news),
        first_new=next((pk for pk in news if pk in here), news[0] if news else None),
        order=part.order,
        root=loaded.get(part.root.pk) if part.root else None,
        previous=part.previous,
        next=part.next,
    )


def entry(comment: Comment, *, user: Viewer, now: dt.datetime) -> Entry:
    """One line alone: a comment loaded ``with_like_count()``; one query."""
    is_liked = user.is_authenticated and comment.likes.filter(user=user).exists()
    return _entry(comment, Reader(user=user), is_liked=is_liked, now=now)


def find(entries: Iterable[Entry], pk: int | None) -> Entry | None:
    """The entry with this id, if it takes replies."""
    return next((e for e in entries if e.comment.pk == pk and e.takes_replies), None)


def _read(
    rows: CommentQuerySet, reader: Reader, asked: paging.Asked
) -> tuple[Sequence[Comment | Line], paging.Part, dict[int, Comment]]:
    """All lines of the discussion, those of one page, and the comments that it needs."""
    full = rows.with_authors().with_like_count()
    if not asked.is_part:
        first = list(full[: paging.WHOLE + 1])
        if len(first) <= paging.WHOLE:
            shown = reader.shown(first)
            return shown, paging.whole(shown, asked.order), {row.pk: row for row in shown}
    if asked.order == paging.LIKED:
        counted = rows.with_like_count().values_list(*Line._fields)
    else:
        counted = rows.values_list(*Line._fields[:-1])
    lines = reader.shown([Line(*row) for row in counted])
    part = paging.part(lines, asked)
    needed = {pk for row in part.rows for pk in (row.pk, row.parent_id or row.pk)}
    if part.root:
        needed.add(part.root.pk)
    return lines, part, {row.pk: row for row in full.filter(pk__in=needed)}


def _unfolding(reader: Reader, target: int | None) -> Callable[[Comment], bool]:
    """Whether a fold that holds a comment is open from the start."""

    def unfolds(row: Comment) -> bool:
        is_secret = not row.is_published and reader.sees(row)
        return row.pk == target or is_secret or reader.finds_new(row)

    return unfolds


def _places(
    part: paging.Part,
    loaded: dict[int, Comment],
    here: set[int],
    unfolds: Callable[[Comment], bool],
) -> Iterator[tuple[Comment, Place]]:
    for branch in part.branches:
        rows = [loaded[row.pk] for row in branch.rows if row.pk in loaded]
        cut = _cut(rows) if part.root is None else len(rows)
        is_unfolded = any(map(unfolds, rows[cut:]))
        for at, row in enumerate(rows):
            is_last = at == len(rows) - 1
            yield (
                row,
                Place(
                    parent=loaded.get(row.parent_id or 0),
                    has_parent_here=row.parent_id in here,
                    folds=len(rows) - cut if at == cut else 0,
                    is_unfolded=is_unfolded,
                    ends_fold=is_last and cut < len(rows),
                    further=branch.further if is_last else 0,
                ),
            )


def _cut(rows: Sequence[Comment]) -> int:
    """Where a thread is folded: before the next direct reply to its root, if that is near."""
    if len(rows) <= FOLDED_FROM:
        return len(rows)
    near = range(UNFOLDED + 1, 2 * UNFOLDED)
    return next((at for at in near if rows[at].depth == 1), UNFOLDED + 1)


def _entry(
    row: Comment,
    reader: Reader,
    *,
    is_liked: bool,
    now: dt.datetime,
    closed: Closed = OPEN,
    place: Place = ALONE,
) -> Entry:
    is_mine = reader.wrote(row)
    return Entry(
        comment=row,
        like_count=row.like_count,
        is_liked=is_liked,
        is_mine=is_mine,
        is_editable=is_mine and is_editable(row, now),
        may_undo=is_mine and can_undo(row, now),
        is_seen=reader.sees(row),
        is_new=reader.finds_new(row),
        is_closed=closed.covers(row),
        place=place,
    )
