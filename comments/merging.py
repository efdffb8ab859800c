"""Merge two pitches with all that was said below them, and undo that.

The pitches themselves are the matter of :mod:`sessions.merging` and :mod:`sessions.parting`; both
parts are one transaction, which holds both pitches. Comments keep their ids, and these rise with
time: two threads that are put together are in the order of their times by themselves.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q

from comments.models import Closure, Comment, Follow, Mention, Visit
from sessions import merging, parting
from sessions.merging import Into, Moved, handed
from sessions.models import Merge, Pitch
from speakers.models import User


@transaction.atomic
def merge(source: Pitch, *, target: Pitch, into: Into, by: User, now: dt.datetime) -> Merge:
    """As :func:`sessions.merging.merge`, which says what is raised; threads follow."""
    row = merging.merge(source, target=target, into=into, by=by, now=now)
    row.moved |= _hand_over(row)
    row.save(update_fields=["moved"])
    return row


@transaction.atomic
def undo(row: Merge, *, by: User, now: dt.datetime) -> bool:
    """Part the two again; whether that was new. Raises :class:`sessions.merging.Refused`.

    A thread goes back as a whole, with replies that were written since: they answer it. Threads
    that began since stay with the target.
    """
    if not parting.part(row, by=by, now=now):
        return False
    source, target = row.source_id, row.target_id
    moved = Merge.objects.get(pk=row.pk).moved
    mentions = Mention.objects.filter(pk__in=moved["mentions"], pitch=target)
    shown = mentions.exclude(comment=None).values_list("comment_id", flat=True)
    _of_threads([*moved["roots"], *shown], pitch=target).update(pitch=source)
    mentions.update(pitch=source)
    closures = Closure.objects.filter(pitch=target)
    closures.filter(pk__in=moved["closures"]["new"]).delete()
    closures.filter(root__in=moved["roots"]).update(pitch=source)
    Follow.objects.filter(pk__in=moved["follows"], pitch=target).delete()
    Visit.objects.filter(pk__in=moved["visits"], pitch=target, latest__lte=row.at).delete()
    return True


def _hand_over(row: Merge) -> Moved:
    """Every thread of the source, and what readers and moderators made of its discussion.

    Likes, reports, notices and muted threads belong to comments and follow by themselves.
    """
    source, target = row.source, row.target
    roots = list(source.comments.filter(root=None).order_by("pk").values_list("pk", flat=True))
    source.comments.update(pitch=target)
    known = Mention.objects.filter(pitch=target).values("source")
    return {
        "roots": roots,
        "closures": _hand_over_closures(row, roots),
        "mentions": handed(source.mentions.exclude(source__in=known), pitch=target),
        "follows": _copy_follows(source, target),
        "visits": _copy_visits(source, target),
    }


def _of_threads(roots: list[int], **where: Any) -> Any:
    return Comment.objects.filter(Q(pk__in=roots) | Q(root__in=roots), **where)


def _hand_over_closures(row: Merge, roots: list[int]) -> Moved:
    """A closed discussion becomes closed threads: below the target one may still write."""
    closures = Closure.objects.filter(pitch=row.source)
    threads = handed(closures.exclude(root=None), pitch=row.target)
    whole = closures.filter(root=None).first()
    new = []
    if whole is not None:
        closed = set(Closure.objects.filter(pk__in=threads).values_list("root_id", flat=True))
        new = Closure.objects.bulk_create(
            Closure(pitch=row.target, root_id=root, by=whole.by, created_at=whole.created_at)
            for root in roots
            if root not in closed
        )
    return {"threads": threads, "new": [closure.pk for closure in new]}


def _copy_follows(source: Pitch, target: Pitch) -> list[int]:
    """Who followed or muted the source does so with both; what they said of the target counts.

    Its hosts hear of their own pitch, whatever they have muted elsewhere.
    """
    known = Follow.objects.filter(pitch=target).values("user")
    rows = Follow.objects.filter(pitch=source).exclude(user__in=known)
    hosts = target.hosts.accepted().values("person")
    rows = rows.exclude(state=Follow.State.MUTED, user__in=hosts).order_by("pk")
    copies = [
        Follow(pitch=target, user_id=row.user_id, state=row.state, created_at=row.created_at)
        for row in rows
    ]
    return [row.pk for row in Follow.objects.bulk_create(copies)]


def _copy_visits(source: Pitch, target: Pitch) -> list[int]:
    """So that what comes from now on is new to whoever has read the source only, too."""
    known = Visit.objects.filter(pitch=target).values("user")
    rows = Visit.objects.filter(pitch=source).exclude(user__in=known).order_by("pk")
    copies = [
        Visit(pitch=target, user_id=row.user_id, before=row.before, latest=row.latest)
        for row in rows
    ]
    return [row.pk for row in Visit.objects.bulk_create(copies)]
