"""What the templates of a discussion are given, on the pitch page and in an htmx answer."""

import datetime as dt
import re
import uuid
from typing import Any

from django.http import HttpRequest

from comments import likes, posting, threads, writing
from comments.models import Comment
from config.lib.http import visitor_of
from sessions.models import Host, Pitch

COMMENT_ID = re.compile(r"[0-9]{1,18}")


def discussion(
    request: HttpRequest,
    pitch: Pitch,
    *,
    now: dt.datetime,
    fresh: Comment | None = None,
    visitor: uuid.UUID | None = None,
) -> dict[str, Any]:
    """Context of ``comments/_discussion.html``.

    One query for the thread, one more for a log-in; hosts and sessions of the pitch cost one
    each unless they are prefetched. ``pitch.event`` must be loaded. ``fresh`` takes the
    focus; ``visitor`` is named when this answer is the first to carry the cookie.
    """
    user = request.user
    visitor = visitor or visitor_of(request)
    thread = threads.load(pitch, user=user, visitor=visitor, now=now)
    refused = posting.refusal(pitch, user)
    answered = None
    if refused is None:
        answered = threads.find(thread.entries, comment_id(request.GET.get("reply_to", "")))
    sessions = writing.sessions(pitch)
    return {
        "request": request,
        "user": user,
        "event": pitch.event,
        "pitch": pitch,
        "thread": thread,
        "host_ids": {h.person_id for h in pitch.hosts.all() if h.state == Host.State.ACCEPTED},
        "sessions": {session.pk: session for session in sessions} if len(sessions) > 1 else {},
        "refused": refused,
        "may_log_in": isinstance(refused, posting.MembersOnly),
        "may_like": user.is_authenticated and likes.is_open(pitch),
        "fresh_id": fresh.pk if fresh else None,
        "answered_id": answered.comment.pk if answered else None,
        "reply": writing.reply_form(request, answered.comment) if answered else None,
        "new": writing.new_form(request, pitch) if refused is None else None,
    }


def comment_id(value: str) -> int | None:
    """The id in a query or form, which may hold anything."""
    return int(value) if COMMENT_ID.fullmatch(value) else None
