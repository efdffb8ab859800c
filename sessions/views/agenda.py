"""What an event holds for one reader."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions import access, agendas
from sessions.views.interest import marks_of


@login_not_required
@never_cache
@require_safe
def me(request, event_slug):
    """Public, since interests need no account; one's own pitches come with the log-in."""
    event = access.enter(request, event_slug)
    marks = marks_of(request, event, now=timezone.now())
    context = {
        "event": event,
        "agenda": agendas.of(event, marks),
        "pitches": agendas.pitches(event, request.user),
    }
    return render(request, "sessions/me.html", context)
