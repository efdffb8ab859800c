"""“I'm interested”: a click that needs no account."""

import datetime as dt
import uuid
from typing import TypedDict

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from config.lib import http
from sessions import access, interests
from sessions.models import Event, Proposal
from speakers.models import User


class Reader(TypedDict):
    """Whom interests belong to: an account, else a browser that has clicked before."""

    user: User | None
    visitor: uuid.UUID | None


def reader(request: HttpRequest) -> Reader:
    if request.user.is_authenticated:
        return Reader(user=request.user, visitor=None)
    return Reader(user=None, visitor=http.visitor_of(request))


def marks_of(request: HttpRequest, event: Event, *, now: dt.datetime) -> interests.Marks:
    """For every page with interest buttons."""
    return interests.marks(event, now=now, **reader(request))


@login_not_required
@require_http_methods(["POST", "PUT", "DELETE"])
def interest(request, event_slug, code):
    if request.method == "DELETE":
        return _remove(request, event_slug, code)
    event = access.enter(request, event_slug)
    proposal = get_object_or_404(_sessions(event).on_the_wall().named(code))
    if not event.takes_interest(timezone.now()):
        raise Http404
    who = reader(request)
    if not any(who.values()):
        who["visitor"] = uuid.uuid4()
    try:
        interests.add(proposal, **who)
    except interests.OwnProposal as error:
        messages.info(request, str(error))
    response = _answer(request, proposal, who)
    if who["visitor"]:
        http.remember_visitor(response, who["visitor"])
    return response


@login_not_required
@require_POST
def remove(request, event_slug, code):
    """DELETE for browsers without JavaScript."""
    return _remove(request, event_slug, code)


def _remove(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    proposal = get_object_or_404(_sessions(event).public().named(code))
    who = reader(request)
    interests.remove(proposal, **who)
    return _answer(request, proposal, who)


def _sessions(event: Event):
    return Proposal.objects.of_event(event).with_pitch().with_interest_count()


def _answer(request: HttpRequest, proposal: Proposal, who: Reader) -> HttpResponse:
    """The button alone for htmx, else back to where it was clicked."""
    back = http.next_url(request, proposal.get_absolute_url())
    if not request.htmx:
        return HttpResponseRedirect(back, status=303)
    event = proposal.pitch.event
    counted = _sessions(event).get(pk=proposal.pk)
    mark = interests.marks(event, now=timezone.now(), **who).of(counted)
    context = {
        "event": event,
        "code": counted.code,
        "title": counted.heading,
        "interested": mark.interested,
        "count": mark.count,
        "own": mark.closed,
        "size": request.POST.get("size", ""),
        "next": back,
    }
    return render(request, "includes/interest.html", context)
