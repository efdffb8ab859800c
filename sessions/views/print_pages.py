"""The published programme on paper. Cards and codes to scan are printed in the desk."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sessions import access, paper, programmes, timetables
from sessions.admin.reach import reach


@login_not_required
@require_safe
def overview(request, event_slug):
    event = access.enter(request, event_slug)
    context = {
        "event": event,
        "rooms": event.rooms.order_by("position", "id"),
        "is_published": event.schedules.published().exists(),
        "organises": reach(request).covers(event.pk),
    }
    return render(request, "sessions/print.html", context)


@login_not_required
@require_safe
def doors(request, event_slug):
    event = access.enter(request, event_slug)
    try:
        signs = paper.signs(event)
    except programmes.NotPublished as error:
        raise Http404 from error
    return render(request, "sessions/print_doors.html", {"event": event, "signs": signs})


@login_not_required
@require_safe
def grid(request, event_slug):
    event = access.enter(request, event_slug)
    try:
        timetable = timetables.of(event, programmes.load(event).entries)
    except programmes.NotPublished as error:
        raise Http404 from error
    context = {"event": event, "timetable": timetable, "now": timezone.now()}
    return render(request, "sessions/print_grid.html", context)
