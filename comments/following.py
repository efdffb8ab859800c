"""Who hears of what: follow a pitch, mute a pitch or a thread, and how often mail comes.

All verbs are idempotent.
"""

import datetime as dt
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Subquery

from comments.models import Comment, Follow, Mute, Notice, Pace
from sessions import access
from sessions.models import Event, Pitch
from speakers.models import User, Viewer

SETTLING = dt.timedelta(minutes=2)  # so long a comment may still go before anybody hears of it
DIGEST_AT = dt.time(18)


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody hears of a discussion. ``muted_roots`` are ids of root comments."""

    state: str = ""
    is_host: bool = False
    muted_roots: frozenset[int] = frozenset()

    @property
    def is_told(self) -> bool:
        """Of everything."""
        return self.state == Follow.State.FOLLOWING or (self.is_host and not self.is_muted)

    @property
    def is_muted(self) -> bool:
        return self.state == Follow.State.MUTED


def standing(pitch: Pitch, user: Viewer) -> Standing | None:
    """None for whoever is not logged in; else one query when the pitch's hosts are prefetched."""
    if not user.is_authenticated:
        return None
    follow = Follow.objects.filter(pitch=pitch, user=OuterRef("pk")).values("state")
    mutes = Mute.objects.filter(root__pitch=pitch, user=OuterRef("pk")).values("root")
    row = User.objects.filter(pk=user.pk).values_list(Subquery(follow), ArraySubquery(mutes)).get()
    return Standing(row[0] or "", access.hosts(user, pitch), frozenset(row[1]))


def follow(pitch: Pitch, *, by: User) -> None:
    """Hear of everything, also of a pitch that was muted."""
    Follow.objects.update_or_create(
        pitch=pitch, user=by, defaults={"state": Follow.State.FOLLOWING}
    )


def unfollow(pitch: Pitch, *, by: User) -> None:
    """Hear of replies to oneself only; a host, who hears of everything otherwise, of nothing."""
    if access.hosts(by, pitch):
        mute_pitch(pitch, by=by)
    else:
        Follow.objects.following().filter(pitch=pitch, user=by).delete()


def mute_pitch(pitch: Pitch, *, by: User) -> None:
    """Hear of nothing, whatever it is."""
    Follow.objects.update_or_create(pitch=pitch, user=by, defaults={"state": Follow.State.MUTED})


def mute(root: Comment, *, by: User) -> None:
    """Hear of nothing in the thread below a root comment."""
    Mute.objects.get_or_create(root=root, user=by)


def unmute(root: Comment, *, by: User) -> None:
    Mute.objects.filter(root=root, user=by).delete()


@transaction.atomic
def choose(pace: Pace.Choice, *, by: User, now: dt.datetime) -> None:
    """How often mail comes, of what is waiting, too."""
    Pace.objects.update_or_create(user=by, defaults={"choice": pace})
    waiting = list(Notice.objects.filter(user=by).with_comments())
    for notice in waiting:
        comment = notice.comment
        since = now if pace == Pace.Choice.DAILY else comment.published_at or now
        notice.due_at = due(pace, comment.pitch.event, since)
    Notice.objects.bulk_update(waiting, ["due_at"])


def due(pace: str, event: Event, published_at: dt.datetime) -> dt.datetime:
    """When somebody is told: after ``SETTLING``, or with the next daily mail after that.

    That goes out at ``DIGEST_AT`` in the event's zone; what has settled at that very moment
    is in the next one.
    """
    settled = published_at + SETTLING
    if pace != Pace.Choice.DAILY:
        return settled
    today = settled.astimezone(event.zone).date()
    for day in (today, today + dt.timedelta(days=1)):
        at = dt.datetime.combine(day, DIGEST_AT, tzinfo=event.zone).astimezone(dt.UTC)
        if settled < at:
            break
    return at
