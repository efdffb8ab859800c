"""Dates as people say them and as machines read them; what a page asks its hosts."""

import datetime as dt

from babel.dates import format_interval
from django import template
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sessions import confirming
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


@register.inclusion_tag("sessions/_confirm.html", takes_context=True)
def confirm(context, proposal: Proposal, *, names_it=False):
    """The question to whoever leads a session and is logged in; needs its pitch loaded."""
    event, user = context["event"], context["user"]
    if not confirming.is_open(proposal, event=event, now=timezone.now()):
        return {}
    address = confirming.path(proposal, user)
    return {"proposal": proposal, "address": address, "names_it": names_it}
