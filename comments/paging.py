"""Which part of a discussion one page shows. Pure: rows in reading order in, rows out.

Pages are cut at keys, not at offsets: what is added between two of them moves nothing. Only root
entries can be re-ordered; a branch stays together, each reply below what it answers. A branch
that is too long for the page of its root goes on at pages of its own.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol
from urllib.parse import urlencode

OLDER, NEWER, LIKED = ORDERS = ("older", "newer", "liked")
WHOLE = 200  # so many entries stand on one page
ROOTS_MIN, ROOTS_MAX = 20, 50
ENTRIES_WANTED, ENTRIES_MAX = 200, 400
CAPS = (200, 100, 50, 19)  # replies of a branch: the first that keeps a page below ENTRIES_MAX
NUMBER = re.compile(r"[0-9]{1,18}")
CURSOR = re.compile(r"(?:([0-9]{1,9})-)?([0-9]{1,18})")

Key = tuple[int, int]  # likes and id of a root; the likes count in their order only


class Row(Protocol):
    @property
    def pk(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def root_id(self) -> int | None: ...
    @property
    def like_count(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for; ``comment`` is to be on the page, wherever that is."""

    order: str = OLDER
    after: Key | None = None
    branch: int | None = None
    comment: int | None = None

    @property
    def is_part(self) -> bool:
        return self.after is not None or self.branch is not None


def asked(query: Mapping[str, str], *, comment: int | None = None) -> Asked:
    """The question in a query string; what makes no sense is left out."""
    order = query.get("order", "")
    order = order if order in ORDERS else OLDER
    branch = number(query.get("branch", ""))
    cursor = CURSOR.fullmatch(query.get("after", ""))
    if cursor and (order == LIKED and branch is None) == (cursor[1] is not None):
        after = (int(cursor[1] or 0), int(cursor[2]))
    else:
        after = None
    comment = comment or number(query.get("reply_to", "")) or number(query.get("comment", ""))
    return Asked(order=order, after=after, branch=branch, comment=comment)


def number(value: str) -> int | None:
    """The id in a query or form, which may hold anything."""
    return int(value) if NUMBER.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Branch:
    """The first rows of a root entry and its replies; ``further`` more follow elsewhere."""

    rows: Sequence[Row]
    further: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """``previous`` and ``next`` are query strings, None where there is nothing; ``root`` is
    that of the branch if the page shows but one."""

    branches: list[Branch] = field(default_factory=list)
    order: str = OLDER
    root: Row | None = None
    previous: str | None = None
    next: str | None = None

    @property
    def rows(self) -> Iterator[Row]:
        return (row for branch in self.branches for row in branch.rows)


def whole(rows: Sequence[Row], order: str) -> Part:
    """Everything on one page."""
    return Part(branches=[Branch(branch) for branch in _branches(rows, order)], order=order)


def part(rows: Sequence[Row], want: Asked) -> Part:
    """The page that is asked for; the first when there is no such."""
    if want.comment is not None and (found := _page_with(rows, want.comment)):
        return found
    branches = _branches(rows, want.order)
    if want.branch is not None:
        for branch in branches:
            if branch[0].pk == want.branch and len(branch) > 1:
                after = want.after[1] if want.after else None
                start = next((at for at, row in enumerate(branch, 1) if row.pk == after), 1)
                return _page_of(branch, start if start < len(branch) else 1)
    start = 0
    if want.after is not None and want.branch is None:
        keys = [_key(branch[0], want.order) for branch in branches]
        start = bisect_right(keys, _ordered(want.after, want.order))
    return _page_from(branches, start if start < len(branches) else 0, want.order)


def _branches(rows: Sequence[Row], order: str) -> list[list[Row]]:
    """Each root with its replies."""
    branches = [list(group) for _pk, group in groupby(rows, lambda row: row.root_id or row.pk)]
    return sorted(branches, key=lambda branch: _key(branch[0], order))


def _key(root: Row, order: str) -> Key:
    return _ordered((root.like_count, root.pk), order)


def _ordered(key: Key, order: str) -> Key:
    likes, pk = key
    return (-likes if order == LIKED else 0, -pk if order == NEWER else pk)


def _page_with(rows: Sequence[Row], pk: int) -> Part | None:
    """In the default order: the page of its root if it stands there, else one of the branch."""
    branches = _branches(rows, OLDER)
    for at, branch in enumerate(branches):
        place = next((place for place, row in enumerate(branch) if row.pk == pk), None)
        if place is None:
            continue
        start = max(start for start in _starts(branches) if start <= at)
        page = _page_from(branches, start, OLDER)
        shown = len(page.branches[at - start].rows)
        if place < shown:
            return page
        return _page_of(branch, place - (place - shown) % WHOLE)
    return None


def _starts(branches: list[list[Row]]) -> Iterator[int]:
    """Where each page begins, counted from the first."""
    start = 0
    while start < len(branches):
        yield start
        start = _stop(branches, start)


def _stop(branches: list[list[Row]], start: int) -> int:
    entries = 0
    for taken, branch in enumerate(branches[start : start + ROOTS_MAX]):
        if taken >= ROOTS_MIN and entries + len(branch) > ENTRIES_WANTED:
            return start + taken
        entries += len(branch)
    return min(start + ROOTS_MAX, len(branches))


def _page_from(branches: list[list[Row]], start: int, order: str) -> Part:
    stop = _stop(branches, start) if branches else 0
    shown = branches[start:stop]
    cap = next(
        (cap for cap in CAPS if sum(min(len(b), cap + 1) for b in shown) <= ENTRIES_MAX), CAPS[-1]
    )
    before = [at for at in _starts(branches) if at < start]
    return Part(
        branches=[Branch(b[: cap + 1], max(len(b) - cap - 1, 0)) for b in shown],
        order=order,
        previous=_query(branches, before[-1], order) if before else None,
        next=_query(branches, stop, order) if stop < len(branches) else None,
    )


def _query(branches: list[list[Row]], start: int, order: str) -> str:
    """The address of the page that begins with the root at ``start``."""
    query = {} if order == OLDER else {"order": order}
    if start:
        root = branches[start - 1][0]
        query["after"] = f"{root.like_count}-{root.pk}" if order == LIKED else str(root.pk)
    return urlencode(query)


def _page_of(branch: list[Row], start: int) -> Part:
    """Replies from ``start`` on, which is never the root itself."""

    def query(start: int) -> str:
        return urlencode({"branch": branch[0].pk, "after": branch[start - 1].pk})

    stop = start + WHOLE
    return Part(
        branches=[Branch(branch[start:stop])],
        root=branch[0],
        previous=query(max(start - WHOLE, 1)) if start > 1 else None,
        next=query(stop) if stop < len(branch) else None,
    )
