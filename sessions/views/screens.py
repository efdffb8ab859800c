"""Pages that follow the day: for the projector, the door of a room, and the phone.

Each carries what holds during the next hours; ``screen.js`` asks for it again and again, and
goes on by the clock without an answer. :mod:`config.pages` answers whoever has no cookie.
"""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from sessions import access, screens
from sessions.views.interest import marks_of

SCREEN_SECONDS, PHONE_SECONDS = 5, 15


@login_not_required
@require_safe
def screen(request, event_slug):
    """Now and next in all rooms, in pages; ``?page=2`` for browsers without JavaScript."""
    event = access.enter(request, event_slug)
    page = request.GET.get("page", "1")
    context = {"event": event, "page": int(page) if page in {*"123456789"} else 1}
    return _following(request, "sessions/screen.html", screens.load(event), context)


@login_not_required
@require_safe
def door(request, event_slug, room):
    event = access.enter(request, event_slug)
    room = get_object_or_404(event.rooms, slug=room)
    day = screens.load(event).of_room(room.pk)
    return _following(request, "sessions/door.html", day, {"event": event, "room": room})


@login_not_required
@require_safe
def now(request, event_slug):
    """With one's own marks, so that whoever has any gets a page of their own."""
    event = access.enter(request, event_slug)
    context = {
        "event": event,
        "wanted": marks_of(request, event, now=timezone.now()).wanted,
        "seconds": PHONE_SECONDS,
    }
    return _following(request, "sessions/now.html", screens.load(event), context)


def _following(request, template, day, context):
    """The page, or 304 for whoever shows it already."""
    event, moment = context["event"], timezone.now()
    address = reverse("program:schedule", args=[event.slug])
    context = {
        "views": day.views(moment),
        "version": day.version,
        "now": moment,
        "utc_offset": int(timezone.localtime(moment).utcoffset().total_seconds()),
        "has_begun": event.has_begun(moment),
        "is_over": event.is_over(moment),
        "address": request.build_absolute_uri(address),
        "address_path": address,
        "seconds": SCREEN_SECONDS,
        **context,
    }
    response = render(request, template, context)
    etag = f'"{hashlib.blake2b(response.content, digest_size=8).hexdigest()}"'
    response["ETag"], response["Cache-Control"] = etag, "no-cache"
    return get_conditional_response(request, etag=etag, response=response)
