"""Dates as people say them and as machines read them."""

import datetime as dt

from babel.dates import format_interval
from django import template
from django.utils.timezone import localtime
from django.utils.translation import get_language

from sessions.models import Event, Pitch
from speakers.models import User

register = template.Library()

PITCHES_OF_PERSON = 50


@register.filter
def days(event: Event) -> str:
    """First to last day: "9.–10. November 2026", "November 9 – 10, 2026"."""
    return format_interval(event.starts_on, event.ends_on, "yMMMMd", locale=get_language() or "de")


@register.filter
def machine(moment: dt.datetime) -> str:
    """For ``<time datetime>``, in the zone of the page; HTML knows no microseconds."""
    return localtime(moment).isoformat(timespec="seconds")


@register.inclusion_tag("sessions/_pitches_of.html", takes_context=True)
def pitches_of(context, person: User):
    """The newest public pitches of a person in all public events; one query."""
    pitches = (
        Pitch.objects.public()
        .hosted_by(person)
        .filter(event__in=Event.objects.public())
        .select_related("event")
        .order_by("-published_at")[:PITCHES_OF_PERSON]
    )
    return {"pitches": pitches, "LANGUAGE_CODE": context.get("LANGUAGE_CODE")}
