"""How a change of the programme is put into words; only what differs is said."""

import datetime as dt

from django import template
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sessions.scheduling.changes import Moved, Spot

register = template.Library()


@register.filter
def whole(spot: Spot) -> str:
    """Day, time and room: “Monday, 12:00, Galerie”."""
    return ", ".join([_day(spot), _time(spot), spot.room_name])


@register.filter
def after(moved: Moved) -> str:
    """Where it is now; the day only when it is another one."""
    parts = [_time(moved.after), moved.after.room_name]
    if _is_other_day(moved):
        parts.insert(0, _day(moved.after))
    elif moved.before.starts_at == moved.after.starts_at and _is_longer_or_shorter(moved):
        parts[0] = _("%(start)s to %(end)s") % {
            "start": _clock(moved.after.starts_at), "end": _clock(moved.after.ends_at),
        }  # fmt: skip
    return ", ".join(parts)


@register.filter
def before(moved: Moved) -> str:
    """What of it was different."""
    was = moved.before
    parts = []
    if _is_other_day(moved):
        parts.append(_day(was))
    if _is_other_day(moved) or was.starts_at != moved.after.starts_at:
        parts.append(_time(was))
    elif _is_longer_or_shorter(moved):
        parts.append(_("until %(time)s") % {"time": _clock(was.ends_at)})
    if was.room_id != moved.after.room_id:
        parts.append(was.room_name)
    return ", ".join(parts)


def _is_other_day(moved: Moved) -> bool:
    return localtime(moved.before.starts_at).date() != localtime(moved.after.starts_at).date()


def _is_longer_or_shorter(moved: Moved) -> bool:
    return (
        moved.before.ends_at - moved.before.starts_at != moved.after.ends_at - moved.after.starts_at
    )


def _day(spot: Spot) -> str:
    return date_format(localtime(spot.starts_at), "l")


def _time(spot: Spot) -> str:
    """In German with “Uhr”."""
    return pgettext("clock", "%(time)s") % {"time": _clock(spot.starts_at)}


def _clock(moment: dt.datetime) -> str:
    return time_format(localtime(moment), "H:i")
