"""Which pages are to hear that a pitch links to them, links to them anew, or no longer does."""

import datetime as dt
from itertools import islice
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from comments.mentions.tags import tags
from comments.models import LinkScan, Outgoing
from comments.models.mention import URL_MAX_LENGTH
from config.lib.text import render_markdown
from sessions.models import Event, Pitch

MOST_LINKS = 50  # of one pitch
MOST_PITCHES = 20  # in one round
SETTLING = dt.timedelta(minutes=1)  # a slip that is corrected at once is told once

# Its page is gone (410), hidden (404) or leads to another: it links to nothing any more.
GONE = (Pitch.State.WITHDRAWN, Pitch.State.HIDDEN, Pitch.State.MERGED)


def pitches(now: dt.datetime) -> None:
    """Note what has changed on the wall; one query if nothing has. May run in several workers.

    Compares the pitch with what was searched last instead of being told, so that a change by
    whatever way is found, also one made while sending was switched off.
    """
    if not settings.SEND_MENTIONS:
        return
    for pitch_id in list(_changed().values_list("pk", flat=True)[:MOST_PITCHES]):
        _search(pitch_id, now=now)


def links(pitch: Pitch) -> dict[str, str]:
    """Where the page of a pitch leads outside of this site; one query.

    The address as it is written, by the one under which it is the same page: at most
    ``MOST_LINKS``, in order, each page once.
    """
    abstracts = pitch.proposals.order_by("position").values_list("abstract", flat=True)
    found: dict[str, str] = {}
    for text in (pitch.body, *abstracts):
        for name, attributes in tags(render_markdown(text)):
            href = attributes.get("href", "")
            if name == "a" and (page := _page(href)):
                found.setdefault(page, href)
    return dict(islice(found.items(), MOST_LINKS))


def _changed() -> models.QuerySet[Pitch]:
    """Pitches of public events that are not as they were when they were searched last."""
    as_seen = Q(link_scan__seen=F("updated_at"), link_scan__state=F("state"))
    left = Q(state__in=GONE, link_scan__state=Pitch.State.PUBLIC)
    rows = Pitch.objects.filter(Q(state=Pitch.State.PUBLIC) | left, event__state=Event.State.PUBLIC)
    return rows.exclude(as_seen).order_by("updated_at", "pk")


@transaction.atomic
def _search(pitch_id: int, *, now: dt.datetime) -> None:
    """Search one pitch; one that somebody else holds waits for the next round."""
    rows = Pitch.objects.filter(pk=pitch_id)
    pitch = rows.select_for_update(skip_locked=True, no_key=True).first()
    if pitch is None:
        return
    as_seen = {"seen": pitch.updated_at, "state": pitch.state}
    if LinkScan.objects.filter(pitch=pitch, **as_seen).exists():
        return  # another worker was quicker
    _note(pitch, links(pitch) if pitch.state == Pitch.State.PUBLIC else {}, now=now)
    LinkScan.objects.update_or_create(pitch=pitch, defaults=as_seen)


def _note(pitch: Pitch, found: dict[str, str], *, now: dt.datetime) -> None:
    """Old and new targets are due; who never heard of a link need not hear that it went.

    The caller holds the pitch. Rows are changed by column: one may be under way just now.
    """
    due = {
        "state": Outgoing.State.DUE,
        "due_at": now + SETTLING,
        "attempts": 0,
        "failure": "",
    }
    known = {_page(row.target): row for row in pitch.outgoing.all()}
    for page, target in found.items():
        if page in known:
            pitch.outgoing.filter(pk=known[page].pk).update(target=target, is_linked=True, **due)
        else:
            pitch.outgoing.create(target=target, **due)
    no_longer = [row.pk for page, row in known.items() if page not in found and row.is_linked]
    left = pitch.outgoing.filter(pk__in=no_longer)
    left.never_told().delete()
    left.update(is_linked=False, **due)


def _page(href: str) -> str:
    """The page an address leads to, without the part of it; empty if it is none to be told."""
    try:
        parts = urlsplit(href)
    except ValueError:  # nh3 lets only addresses pass, but reads them by another parser
        return ""
    netloc = parts.netloc.lower()
    if parts.scheme not in ("http", "https") or not parts.hostname or len(href) > URL_MAX_LENGTH:
        return ""
    if netloc == urlsplit(settings.SITE_URL).netloc.lower():
        return ""
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))
