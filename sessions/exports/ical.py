"""A programme as an iCalendar file (:rfc:`5545`), for subscribing and for one session.

The same programme gives the same bytes: stamps come from its publication, never from the clock.
"""

import datetime as dt
from urllib.parse import urlsplit

import icalendar
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar.enums import STATUS

from config.lib.text import clean_line
from sessions.models import Event
from sessions.programmes import Entry, Programme
from sessions.templatetags import schedule as words

PRODUCT = "-//Stellwand//Stellwand//EN"
REFRESHED_EVERY = dt.timedelta(hours=1)


def calendar(event: Event, programme: Programme, *, site_url: str) -> bytes:
    """All entries of ``programme`` in the active language; times are in UTC.

    Titles and names are cleaned before they are written: an iCalendar line has no way to hold a
    control character.
    """
    host = urlsplit(site_url).hostname or "localhost"
    made = icalendar.Calendar.new(
        prodid=PRODUCT,
        uid=f"{event.slug}@{host}",
        name=clean_line(event.name),
        method="PUBLISH",
        calscale="GREGORIAN",
        url=site_url + reverse("program:schedule", args=[event.slug]),
        refresh_interval=REFRESHED_EVERY,
        last_modified=programme.version.published_at,
    )
    made.add("X-WR-TIMEZONE", event.time_zone)
    for entry in programme.entries:
        made.add_component(_event(event, entry, programme, site_url=site_url))
    return made.to_ical()


def _event(event: Event, entry: Entry, programme: Programme, *, site_url: str) -> icalendar.Event:
    page = site_url + (entry.path or reverse("program:schedule", args=[event.slug]))
    title = clean_line(entry.title)
    return icalendar.Event.new(
        uid=f"{entry.code}@{urlsplit(site_url).hostname or 'localhost'}",
        sequence=entry.sequence,
        stamp=programme.version.published_at,
        last_modified=programme.version.published_at,
        start=entry.span.starts_at,
        end=entry.span.ends_at,
        summary=title if entry.takes_place else _("Cancelled: %(title)s") % {"title": title},
        description="\n\n".join(
            filter(None, [_moved(entry), _hosts(entry), clean_line(entry.about), page])
        ),
        location=", ".join(filter(None, map(clean_line, [entry.room.name, event.place]))),
        url=page,
        categories=[clean_line(tag) for tag in entry.tags] or [entry.format_label],
        status=STATUS.CONFIRMED if entry.takes_place else STATUS.CANCELLED,
    )


def _moved(entry: Entry) -> str:
    """In the zone that is active, as on the programme's page."""
    if entry.move is None:
        return ""
    told = {"after": words.after(entry.move), "before": words.before(entry.move)}
    return clean_line(_("Moved: now %(after)s (was %(before)s)") % told)


def _hosts(entry: Entry) -> str:
    return ", ".join(map(clean_line, entry.hosts))
