"""What moderators did, for everybody to read: nobody's name, no note, no words of a comment."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments.models import Act
from sessions import access

PER_PAGE = 50


@login_not_required
@require_safe
def moderation_log(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    acts = Act.objects.filter(event=event).select_related("pitch__event").newest_first()
    page = Paginator(acts, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "comments/log.html", {"event": event, "page_obj": page})
