"""What moderators do with comments; whether somebody may is the caller's matter.

Every act settles the reports of a comment: they were looked at and never count again.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import bans, states
from comments.models import Act, Ban, Comment, HouseRule
from comments.posting import held
from speakers.models import User

State, Kind = Comment.State, Act.Kind

HIDDEN = frozenset({State.REMOVED, State.SPAM})


class NotPossible(Exception):
    """``str()`` is fit to be shown."""

    message = _("This comment was deleted or changed meanwhile.")

    def __str__(self) -> str:
        return str(self.message)


class Deleted(NotPossible):
    """By its author, who may take that back for a while: that is nobody else's to do."""

    message = _("Its author has deleted this comment.")


class NotWaiting(NotPossible):
    message = _("This comment is hidden. Restore it to show it again.")


class NotHidden(NotPossible):
    message = _("This comment waits for approval; nobody has hidden it.")


@transaction.atomic
def approve(
    comment: Comment, *, by: User, now: dt.datetime, rule: str = "", note: str = ""
) -> Comment:
    """Publish what waits; of a published one, dismiss the reports. Raises :class:`NotPossible`."""
    row = _held(comment)
    if row.state in HIDDEN:
        raise NotWaiting
    reported = row.flags.unreviewed().exists()
    if row.is_published and not reported:
        return row
    return _turn(row, State.PUBLISHED, act=_act(Kind.APPROVED, by, now, note=note, rule=rule))


@transaction.atomic
def hide(
    comment: Comment, *, by: User, now: dt.datetime, rule: str = "", note: str = ""
) -> Comment:
    """Show it to nobody; a line stands in its place while replies hang below it.

    ``rule`` is one of :class:`HouseRule` and public, ``note`` is for moderators. Hiding again
    changes both. Raises :class:`NotPossible`.
    """
    row, said = _held(comment), {"removed_because": rule, "removed_reason": note}
    if row.state == State.REMOVED and all(getattr(row, key) == said[key] for key in said):
        return row
    return _turn(row, State.REMOVED, act=_act(Kind.HIDDEN, by, now, note=note, rule=rule), **said)


@transaction.atomic
def spam(
    comment: Comment, *, by: User, now: dt.datetime, rule: str = "", note: str = ""
) -> Comment:
    """Hide an advertisement. Raises :class:`NotPossible`."""
    row = _held(comment)
    if row.state == State.SPAM:
        return row
    rule = rule or HouseRule.SPAM
    said = {"removed_because": rule, "removed_reason": note}
    return _turn(row, State.SPAM, act=_act(Kind.SPAM, by, now, note=note, rule=rule), **said)


@transaction.atomic
def restore(
    comment: Comment, *, by: User, now: dt.datetime, rule: str = "", note: str = ""
) -> Comment:
    """Show a hidden comment, or one taken for spam, again. Raises :class:`NotPossible`."""
    row = _held(comment)
    if row.is_held:
        raise NotHidden
    if row.is_published:
        return row
    act = _act(Kind.RESTORED, by, now, note=note, rule=rule)
    return _turn(row, State.PUBLISHED, act=act, removed_because="", removed_reason="")


def spam_all_of(ban: Ban, *, by: User, now: dt.datetime, note: str = "") -> int:
    """Hide whatever a banned person shows or wants to show in the event; returns how much it was.

    Each comment is a transaction of its own.
    """
    done = 0
    for comment in bans.comments_of(ban).filter(state__in={State.PUBLISHED, *Comment.HELD}):
        try:
            spam(comment, by=by, now=now, note=note)
        except Deleted:
            continue
        done += 1
    return done


def _held(comment: Comment) -> Comment:
    """The row, locked below its pitch, as writers lock it."""
    row = held(comment)
    if row is None or row.state in {State.LEAVING, State.DELETED}:
        raise Deleted
    return row


def _act(kind: Act.Kind, by: User, now: dt.datetime, *, rule: str, note: str) -> Act:
    return Act(kind=kind, actor=by, at=now, rule=rule, note=note)


def _turn(row: Comment, state: Comment.State, *, act: Act, **said: str) -> Comment:
    """Note what is done, settle the reports, and do it."""
    row.flags.unreviewed().update(reviewed_at=act.at)
    act.event_id, act.pitch, act.comment = row.pitch.event_id, row.pitch, row
    act.save()
    try:
        return states.turn(row, state, now=act.at, **said)
    except states.NotPossible as error:
        raise NotPossible from error
