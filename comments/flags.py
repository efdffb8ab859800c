"""Readers' reports: one per account and comment; enough of them hide it until somebody looks."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import bans, rates, states
from comments.models import Act, Comment, Filter, Flag, Rules
from comments.posting import held
from comments.readers import Reader
from sessions.models import Event
from speakers.models import User

MOST, WITHIN = 20, dt.timedelta(hours=1)


class NotFlaggable(Exception):
    """``str()`` is fit to be shown."""

    message = _("This comment is not here any more.")

    def __str__(self) -> str:
        return str(self.message)


class OwnComment(NotFlaggable):
    message = _("This is your own comment.")


class Banned(NotFlaggable):
    message = _("You cannot take part in the discussions of this event.")


@transaction.atomic
def add(
    comment: Comment,
    *,
    by: User,
    reason: str,
    now: dt.datetime,
    note: str = "",
    visitor: uuid.UUID | None = None,
) -> Flag:
    """Note a report; the one that fills the measure hides the comment and queues it.

    Exact whoever reports at once: it holds the row of the pitch and then that of the comment. A
    second report of the same person changes nothing. ``visitor`` is the browser it comes from.
    Raises :class:`NotFlaggable`, :class:`OwnComment`, :class:`Banned`, :class:`rates.TooMany`.
    """
    row = held(comment)
    if row is None:
        raise NotFlaggable
    if (earlier := row.flags.filter(user=by).first()) is not None:
        return earlier
    if not row.is_published:
        raise NotFlaggable
    if Reader(user=by, visitor=visitor).wrote(row):
        raise OwnComment
    event = row.pitch.event
    if bans.holds(event, user=by):
        raise Banned
    rates.consume(rates.Limit("flag", by.pk, at_most=MOST, within=WITHIN), now=now)
    flag = Flag.objects.create(comment=row, user=by, reason=reason, note=note, created_at=now)
    if row.flags.unreviewed().count() >= Rules.of(event).flags_to_hide:
        _hide(row, event=event, now=now)
    return flag


def _hide(row: Comment, *, event: Event, now: dt.datetime) -> None:
    waiting = Comment.State.AWAITING_MODERATION
    states.turn(row, waiting, now=now, held_because=Filter.FLAGS)
    Act.objects.create(event=event, pitch=row.pitch, comment=row, kind=Act.Kind.FLAGGED, at=now)
