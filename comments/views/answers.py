"""What a view of the discussion ends with: back to the page, or the same fragment for htmx."""

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from comments import pages
from comments.models import Comment
from sessions.models import Pitch


def discussion(
    request: HttpRequest,
    pitch: Pitch,
    comment: Comment | None = None,
    *,
    visitor: uuid.UUID | None = None,
) -> HttpResponse:
    """After a change: back to the page, or the whole discussion anew for htmx."""
    anchor = comment.anchor if comment else "discussion"
    if not request.htmx:
        url = comment.get_absolute_url() if comment else f"{pitch.get_absolute_url()}#{anchor}"
        return HttpResponseRedirect(url, status=303)
    now = timezone.now()
    context = pages.discussion(request, pitch, now=now, fresh=comment, visitor=visitor)
    response = render(request, "comments/_answer.html", context)
    response["HX-Retarget"] = "#discussion"
    response["HX-Reswap"] = f"outerHTML show:#{anchor}:top"
    return response
