"""The wall in a feed reader."""

from django.contrib.auth.decorators import login_not_required
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.lib import atom
from sessions import access, feeds


@login_not_required
@require_safe
def pitches(request, event_slug):
    event = access.enter(request, event_slug)
    return atom.answer(request, feeds.pitches(event), event.changed_at, now=timezone.now())
