"""Who hears of a new comment: noted when it is published, mailed when it has stood for a while.

A mail is a row of the queue, written in the transaction that takes the notice away.
"""

import datetime as dt
from itertools import groupby

from django.conf import settings
from django.db import transaction

from comments import following, unsubscribing
from comments.models import Comment, Follow, Notice, Pace
from config.lib import mail
from config.lib.text import excerpt
from sessions.models import Event, Host
from speakers import accounts
from speakers.models import User

Cause = Notice.Cause

EXCERPT_LENGTH = 600
DIGEST_EXCERPT_LENGTH = 300
ELSEWHERE = frozenset({Comment.Origin.WEBMENTION, Comment.Origin.PINGBACK})
LOOK_AGAIN_AFTER = dt.timedelta(minutes=10)
TEMPLATES = {
    Cause.REPLY: "comments/new_reply",
    Cause.HOST: "comments/new_comment",
    Cause.FOLLOW: "comments/new_followed",
}


def published(comment: Comment, *, now: dt.datetime) -> None:
    """Note who is to hear of a stored comment: hosts, followers and the member who was answered.

    Nobody of their own, each person once, and only who wants it and can be reached
    (``NoticeQuerySet.wanted``). Runs in the transaction that publishes; five queries.
    """
    causes = _causes(comment)
    if not causes:
        return
    paces = dict(Pace.objects.filter(user__in=causes).values_list("user_id", "choice"))
    event = comment.pitch.event
    Notice.objects.bulk_create(
        (
            Notice(
                comment=comment,
                user_id=user_id,
                cause=cause,
                due_at=following.due(paces.get(user_id, Pace.Choice.AT_ONCE), event, now),
            )
            for user_id, cause in causes.items()
        ),
        ignore_conflicts=True,
    )
    notices = Notice.objects.filter(comment=comment)
    notices.exclude(pk__in=notices.wanted()).delete()


def _causes(comment: Comment) -> dict[int, Cause]:
    """By account; the nearest cause wins."""
    followers = Follow.objects.following().filter(pitch=comment.pitch_id)
    hosts = Host.objects.accepted().filter(pitch=comment.pitch_id)
    causes = dict.fromkeys(followers.values_list("user_id", flat=True), Cause.FOLLOW)
    causes |= dict.fromkeys(hosts.values_list("person_id", flat=True), Cause.HOST)
    if comment.parent is not None and comment.parent.author_id is not None:
        causes[comment.parent.author_id] = Cause.REPLY
    return causes


def send_due(now: dt.datetime) -> None:
    """Queue the mails whose time has come; one query when there are none.

    Any number of workers may run this: each person is one worker's, by the lock of their row.
    """
    due = Notice.objects.due(now).order_by("user_id")
    for user_id in due.values_list("user_id", flat=True).distinct():
        _tell(user_id, now=now)


@transaction.atomic
def _tell(user_id: int, *, now: dt.datetime) -> None:
    """All that one person has to hear now, claimed under the lock of their row."""
    rows = User.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=user_id)
    if (person := rows.first()) is None:
        return
    claimed = Notice.objects.due(now).filter(user=person).select_for_update(skip_locked=True)
    due = Notice.objects.filter(pk__in=list(claimed.values_list("pk", flat=True)))
    due.on_hold().update(due_at=now + LOOK_AGAIN_AFTER)
    wanted = list(due.wanted().with_comments())
    due.due(now).delete()
    if Pace.of(person) == Pace.Choice.DAILY:
        for event, notices in _by_event(wanted):
            _digest(person, event, [notice.comment for notice in notices])
    else:
        for notice in wanted:
            _at_once(person, notice)


def _by_event(notices: list[Notice]) -> list[tuple[Event, list[Notice]]]:
    def event_id(notice: Notice) -> int:
        return notice.comment.pitch.event_id

    groups = groupby(sorted(notices, key=event_id), key=event_id)
    by_event = [list(group) for _pk, group in groups]
    return [(group[0].comment.pitch.event, group) for group in by_event]


def _at_once(person: User, notice: Notice) -> None:
    comment = notice.comment
    if notice.cause == Cause.REPLY:
        less = unsubscribing.thread(person, comment.root_id or comment.pk)
    else:
        less = unsubscribing.pitch(person, comment.pitch_id)
    template = TEMPLATES[Cause(notice.cause)]
    if comment.origin in ELSEWHERE:
        template = "comments/new_mention"
    shown = _shown(comment, EXCERPT_LENGTH)
    _send(template, person, comment.pitch.event, less=less, context=shown)


def _digest(person: User, event: Event, comments: list[Comment]) -> None:
    """One mail with all of them, pitch by pitch in the order of their first comments."""
    by_pitch: dict[int, list[dict[str, object]]] = {}
    for comment in comments:
        by_pitch.setdefault(comment.pitch_id, []).append(_shown(comment, DIGEST_EXCERPT_LENGTH))
    context = {"count": len(comments), "pitches": list(by_pitch.values())}
    less = unsubscribing.everything(person)
    _send("comments/digest", person, event, less=less, context=context)


def _shown(comment: Comment, length: int) -> dict[str, object]:
    return {
        "name": comment.written_as,
        "pitch": comment.pitch,
        "excerpt": excerpt(comment.body, length),
        "url": settings.SITE_URL + comment.get_absolute_url(),
    }


def _send(
    template: str,
    person: User,
    event: Event,
    *,
    less: unsubscribing.Subscription,
    context: dict[str, object],
) -> None:
    mail.send(
        template,
        to=person.email,
        language=person.language,
        context={
            **context,
            "event": event,
            "host": accounts.display_name(person),
            "unsubscribe_url": less.url,
        },
        headers=less.headers,
    )
