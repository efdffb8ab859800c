"""Dates as people say them and as machines read them."""

import datetime as dt

from babel.dates import format_interval
from django import template
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sessions.models import Event, Proposal

register = template.Library()


@register.filter
def days(event: Event) -> str:
    """First to last day: "9.–10. Nov. 2026", "Nov 9 – 10, 2026"."""
    if event.starts_on == event.ends_on:
        return date_format(event.starts_on)
    return format_interval(event.starts_on, event.ends_on, "yMMMd", locale=get_language() or "de")


@register.filter
def moment(value: dt.datetime) -> str:
    """Day and time in the zone of the page."""
    local = localtime(value)
    clock = time_format(local.time(), "H:i")
    return _("%(day)s, %(time)s") % {"day": date_format(local), "time": clock}


@register.filter
def machine(value: dt.datetime) -> str:
    """For ``<time datetime>``, in the zone of the page; HTML knows no microseconds."""
    return localtime(value).isoformat(timespec="seconds")


@register.filter
def format_name(value: str) -> str:
    """The word for a session's format where only its key is at hand."""
    return str(Proposal.Format(value).label)
