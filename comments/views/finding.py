"""What a view of the discussion begins with: the pitch and the comment, or 404."""

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from comments.models import Comment
from sessions import access
from sessions.models import Pitch


def enter(request: HttpRequest, **lookup) -> Pitch:
    """The pitch that somebody may see, inside its event's zone and language, or 404.

    Of one that was merged meanwhile it is the other one: what was typed below it arrives there.
    """
    pitches = Pitch.objects.visible_to(request.user).select_related("event")
    heirs = Pitch.objects.merged().filter(**lookup).values("merged_into")
    named = Q(**lookup) | Q(pk__in=heirs)
    pitch = get_object_or_404(pitches.with_hosts().with_proposals(), named)
    pitch.event = access.enter(request, pitch.event.slug)
    return pitch


def comment(request: HttpRequest, pk: int, among) -> Comment:
    """One of ``among`` below a pitch that somebody may see, or 404."""
    found = get_object_or_404(among.select_related("author__profile"), pk=pk)
    found.pitch = enter(request, pk=found.pitch_id)
    return found
