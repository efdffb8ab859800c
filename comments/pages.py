"""What the templates of a discussion are given, on the pitch page and in an htmx answer."""

import datetime as dt
import re
import uuid
from typing import Any

from django.http import HttpRequest

from comments import likes, posting, threads
from comments.forms import CommentForm
from comments.models import Comment
from config.lib.http import visitor_of
from sessions.models import Host, Pitch, Proposal

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
    sessions = _sessions(pitch)
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
        "reply": reply_form(request, answered.comment) if answered else None,
        "new": _new_form(request, pitch, sessions) if refused is None else None,
    }


def new_form(request: HttpRequest, pitch: Pitch, **typed: Any) -> dict[str, Any]:
    """Context of ``comments/_form.html`` for a comment of its own; ``data=`` or ``initial=``."""
    return _new_form(request, pitch, _sessions(pitch), **typed)


def reply_form(request: HttpRequest, parent: Comment, **typed: Any) -> dict[str, Any]:
    """The same for an answer to ``parent``, whose author must be loaded."""
    key = f"reply-{parent.pk}"
    is_member = request.user.is_authenticated
    form = CommentForm(proposals=[], is_member=is_member, key=key, **typed)
    return {"form": form, "key": key, "pitch": parent.pitch, "parent": parent}


def comment_id(value: str) -> int | None:
    """The id in a query or form, which may hold anything."""
    return int(value) if COMMENT_ID.fullmatch(value) else None


def _new_form(
    request: HttpRequest, pitch: Pitch, sessions: list[Proposal], **typed: Any
) -> dict[str, Any]:
    is_member = request.user.is_authenticated
    form = CommentForm(proposals=sessions, is_member=is_member, key="new", **typed)
    return {"form": form, "key": "new", "pitch": pitch, "parent": None}


def _sessions(pitch: Pitch) -> list[Proposal]:
    """In their order, without a query when they are prefetched."""
    return sorted(pitch.proposals.all(), key=lambda proposal: proposal.position)
