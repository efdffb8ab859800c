"""What the template of the form is given, empty or with what was typed."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from comments import stamps
from comments.forms import CommentForm
from comments.models import Comment, Rules
from sessions.models import Pitch, Proposal


def new_form(request: HttpRequest, pitch: Pitch, **typed: Any) -> dict[str, Any]:
    """Context of ``comments/_form.html`` for a comment of its own; ``data=`` or ``initial=``.

    One query for a guest.
    """
    form = _form(request, pitch, proposals=sessions(pitch), key="new", **typed)
    return {"form": form, "key": "new", "pitch": pitch, "parent": None, **_stamp(request, typed)}


def reply_form(request: HttpRequest, parent: Comment, **typed: Any) -> dict[str, Any]:
    """The same for an answer to ``parent``, whose author must be loaded."""
    key, pitch = f"reply-{parent.pk}", parent.pitch
    form = _form(request, pitch, proposals=[], key=key, **typed)
    return {"form": form, "key": key, "pitch": pitch, "parent": parent, **_stamp(request, typed)}


def sessions(pitch: Pitch) -> list[Proposal]:
    """In their order, without a query when they are prefetched."""
    return sorted(pitch.proposals.all(), key=lambda proposal: proposal.position)


def _form(request: HttpRequest, pitch: Pitch, **kwargs: Any) -> CommentForm:
    is_member = request.user.is_authenticated
    by_mail = Rules.FirstComment.EMAIL
    confirms_email = not is_member and Rules.of(pitch.event).first_comment == by_mail
    return CommentForm(is_member=is_member, confirms_email=confirms_email, **kwargs)


def _stamp(request: HttpRequest, typed: dict[str, Any]) -> dict[str, str]:
    """What a guest's form carries: a form that comes again keeps its own while it is good."""
    if request.user.is_authenticated:
        return {}
    now = timezone.now()
    stamp = stamps.again(request.POST.get("stamp", ""), now=now) if typed else stamps.fresh(now)
    return {"stamp": stamp}
