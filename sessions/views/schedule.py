"""The public programme: the newest version, its days, and what each version changed."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from sessions import access, facts, programmes, timetables
from sessions.views.interest import marks_of


@login_not_required
@require_safe
def program(request, event_slug):
    event = access.enter(request, event_slug)
    try:
        programme = programmes.load(event)
    except programmes.NotPublished:
        return _nothing_yet(request, event)
    return _table(
        request, event, programme, timetables.of(event, programme.entries, programme.gone)
    )


@login_not_required
@require_safe
def day(request, event_slug, day):
    event = access.enter(request, event_slug)
    try:
        programme = programmes.load(event)
    except programmes.NotPublished as error:
        raise Http404 from error
    timetable = timetables.of(event, programme.entries, programme.gone)
    for one in timetable.days:
        if one.date.isoformat() == day:
            return _table(request, event, programme, timetable, chosen=one)
    raise Http404


def _table(request, event, programme, timetable, *, chosen=None):
    now = timezone.now()
    shown = timetable.only(chosen) if chosen else timetable
    running = shown.running(now)
    calendar = reverse("program:program_ics", args=[event.slug])
    context = {
        "programme": programme,
        "timetable": shown,
        "days": timetable.days,
        "chosen": chosen,
        "now": now,
        "today": event.today(now),
        "is_over": event.is_over(now),
        "free_count": shown.free_count(now),
        "running": running,
        "coming": None if running else shown.coming(now),
        "wanted": marks_of(request, event, now=now).wanted,
        "calendar": calendar,
        "subscription": f"webcal://{request.get_host()}{calendar}",
    }
    return render(request, "sessions/schedule.html", {"event": event, **context})


def _nothing_yet(request, event):
    now = timezone.now()
    context = {
        "facts": facts.of(event),
        "takes_pitches": event.takes_pitches(now),
        "is_over": event.is_over(now),
    }
    return render(request, "sessions/schedule_empty.html", {"event": event, **context})


@login_not_required
@require_safe
def versions(request, event_slug):
    """Every published version; without one, what happens next."""
    event = access.enter(request, event_slug)
    try:
        history = programmes.history(event)
    except programmes.NotPublished:
        return _nothing_yet(request, event)
    return render(request, "sessions/schedule_versions.html", {"event": event, "history": history})
