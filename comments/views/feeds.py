"""Discussions in a feed reader."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from comments import feeds
from config.lib import atom
from sessions import access, pitch_detail


@login_not_required
@require_safe
def pitch(request: HttpRequest, event_slug: str, code: str) -> HttpResponse:
    """404 unless the pitch hangs on the wall, for hosts, too: a feed is the same for everyone.

    Of a pitch that was merged it is that of the other one, as long as the merge stands.
    """
    event = access.enter(request, event_slug)
    pitch = event.pitches.public().filter(code=code).first()
    if pitch is None:
        heir = pitch_detail.heir(event, code)
        if heir is None:
            raise Http404
        return redirect("comments:pitch_feed", event.slug, heir.code)
    pitch.event = event
    return atom.answer(request, feeds.of_pitch(pitch), event.changed_at, now=timezone.now())


@login_not_required
@require_safe
def event(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = access.enter(request, event_slug)
    return atom.answer(request, feeds.of_event(event), event.changed_at, now=timezone.now())
