"""What the templates of a discussion are given, on the pitch page and in an htmx answer."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest

from comments import closures, following, likes, paging, posting, refusals, threads, visits, writing
from comments.models import Comment
from comments.readers import Reader
from config.lib.http import visitor_of
from sessions import access
from sessions.models import Host, Pitch, Proposal


def discussion(
    request: HttpRequest,
    pitch: Pitch,
    *,
    now: dt.datetime,
    fresh: Comment | None = None,
    visitor: uuid.UUID | None = None,
) -> dict[str, Any]:
    """Context of ``comments/_discussion.html``.

    For a reader without account one query for the thread, one for what moderators closed and one
    for the event's rules; three more for a log-in and one for the role. Hosts and sessions of
    the pitch cost one each unless they are prefetched. ``pitch.event`` must be loaded. ``fresh``
    takes the focus; ``visitor`` is named when this answer is the first to carry the cookie.
    """
    user = request.user
    visitor = visitor or visitor_of(request)
    prefetch_related_objects([pitch], "hosts", "proposals")
    moderates = access.moderates(user, pitch.event)
    closed = closures.of(pitch)
    asked = paging.asked(request.GET, comment=fresh.pk if fresh else None)
    since = visits.record(pitch, user=user, now=now) if user.is_authenticated else None
    reader = Reader(user=user, visitor=visitor, moderates=moderates, since=since)
    thread = threads.load(pitch, reader, closed=closed, asked=asked, now=now)
    refused = posting.refusal(pitch, user, visitor=visitor, closed=closed)
    answered = _answered(request, thread) if refused is None else None
    return {
        "request": request,
        "user": user,
        "event": pitch.event,
        "pitch": pitch,
        "thread": thread,
        "host_ids": {h.person_id for h in pitch.hosts.all() if h.state == Host.State.ACCEPTED},
        "sessions": _sessions(pitch),
        "refused": refused,
        "may_log_in": isinstance(refused, refusals.MembersOnly),
        "may_like": user.is_authenticated and likes.is_open(pitch),
        "moderates": moderates,
        "follow": following.standing(pitch, user),
        "target_id": None if answered else asked.comment,
        "answered_id": answered.comment.pk if answered else None,
        "reply": writing.reply_form(request, answered.comment) if answered else None,
        "new": writing.new_form(request, pitch) if refused is None else None,
    }


def _answered(request: HttpRequest, thread: threads.Thread) -> threads.Entry | None:
    """The entry whose form the address asks for."""
    pk = paging.number(request.GET.get("reply_to", ""))
    return threads.find(thread.entries, pk) if pk else None


def _sessions(pitch: Pitch) -> dict[int, Proposal]:
    """By id, if a comment has a choice which one it speaks of."""
    sessions = writing.sessions(pitch)
    return {session.pk: session for session in sessions} if len(sessions) > 1 else {}
