"""What the template of the form is given, empty or with what was typed."""

from typing import Any

from django.http import HttpRequest

from comments.forms import CommentForm
from comments.models import Comment
from sessions.models import Pitch, Proposal


def new_form(request: HttpRequest, pitch: Pitch, **typed: Any) -> dict[str, Any]:
    """Context of ``comments/_form.html`` for a comment of its own; ``data=`` or ``initial=``."""
    is_member = request.user.is_authenticated
    form = CommentForm(proposals=sessions(pitch), is_member=is_member, key="new", **typed)
    return {"form": form, "key": "new", "pitch": pitch, "parent": None}


def reply_form(request: HttpRequest, parent: Comment, **typed: Any) -> dict[str, Any]:
    """The same for an answer to ``parent``, whose author must be loaded."""
    key = f"reply-{parent.pk}"
    is_member = request.user.is_authenticated
    form = CommentForm(proposals=[], is_member=is_member, key=key, **typed)
    return {"form": form, "key": key, "pitch": parent.pitch, "parent": parent}


def sessions(pitch: Pitch) -> list[Proposal]:
    """In their order, without a query when they are prefetched."""
    return sorted(pitch.proposals.all(), key=lambda proposal: proposal.position)
