"""The event's own page, which changes with the calendar, and the people who host at it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.lib.text import excerpt, render_markdown
from sessions import access, facts, rounds, walls
from sessions.views.interest import marks_of
from speakers.models import Profile

SELECTION = 6


@login_not_required
@require_safe
def event(request, event_slug):
    """Before: the call. On its days: now and next. Afterwards: the record."""
    event = access.enter(request, event_slug)
    now = timezone.now()
    if event.is_over(now):
        return _record(request, event, now)
    if (event.live or event.has_begun(now)) and (places := rounds.placements(event)):
        return _day(request, event, now, places)
    return _call(request, event, now)


def _call(request, event, now):
    marks = marks_of(request, event, now=now)
    context = {
        "facts": facts.of(event),
        "takes_pitches": event.takes_pitches(now),
        "is_early": event.pitching_opens_at is not None and now < event.pitching_opens_at,
        "cards": walls.cards(_selection(event, now), marks),
    }
    return _render(request, "sessions/event.html", event, context)


def _day(request, event, now, places):
    marks = marks_of(request, event, now=now)
    moment = rounds.moment(places, now=now)
    context = {
        "moment": moment,
        "is_next_today": moment.next_at and event.today(moment.next_at) == event.today(now),
        "wanted": marks.wanted,
        "cards": walls.cards(_selection(event, now), marks),
    }
    return _render(request, "sessions/event_day.html", event, context)


def _record(request, event, now):
    marks = marks_of(request, event, now=now)
    places = rounds.placements(event)
    context = {
        "facts": facts.of(event),
        "session_count": len(places),
        "rounds": rounds.by_start(places),
        "wanted": marks.wanted,
        "cards": walls.cards(walls.with_cards(walls.most_discussed(event)), marks),
    }
    return _render(request, "sessions/event_record.html", event, context)


def _render(request, template, event, context):
    about = {
        "event": event,
        "about": render_markdown(event.about),
        "description": excerpt(event.about) or event.name,
        "address": request.build_absolute_uri(event.get_absolute_url()),
    }
    return render(request, template, {**about, **context})


def _selection(event, now):
    mixed = walls.select(event, walls.Asked(), now=now)
    return walls.with_cards(mixed)[:SELECTION]


@login_not_required
@require_safe
def person(request, event_slug, person):
    """What somebody hosts at this event; 404 unless something of it hangs on the wall."""
    event = access.enter(request, event_slug)
    profile = get_object_or_404(Profile.objects.public(), slug=person)
    pitches = walls.hosted_by(event, profile.user_id)
    marks = marks_of(request, event, now=timezone.now())
    cards = walls.cards(walls.with_cards(pitches), marks)
    if not cards:
        raise Http404
    return render(
        request, "sessions/person.html", {"event": event, "profile": profile, "cards": cards}
    )
