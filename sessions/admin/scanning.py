"""The page to scan cards and places onto the board, by a scanner that types or by the phone.

Every code is sent by POST, also the one of an opened link: then a big button sends it. Only a
card that a camera opened is held at once, which saves every second tap. A held card waits in the
organiser's session, bound to the state of its place, for half an hour.
"""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sessions import scanning
from sessions.admin.event_pages import EventPages
from sessions.forms.board import SwapForm
from sessions.models import Proposal
from sessions.scheduling import cards, moves
from sessions.scheduling.cards import Card

NAME = "program_event_print_scan"
HELD = "held"
CODES_MAX_LENGTH = 4_000


class ScanMixin(EventPages):
    """Mounts the page in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        return self.mount("print/scan", {"": (self.scan_view, NAME)}) + super().get_urls()

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def scan_view(self, request, object_id):
        event = self.get_object(request, object_id)
        now = timezone.now()
        here = reverse(f"admin:{NAME}", args=[event.pk])
        if request.method == "POST":
            taken = _sent(request, event, now)
            return redirect(f"{here}?{urlencode({'code': taken})}" if taken else here)
        scanned = _opened(request, event)
        if isinstance(scanned, Card) and _is_from_camera(request):
            _hold(request, event, scanned, now)
            return redirect(here)
        held = _held(request, event, now)
        context = {
            **self.page_context(request, event, title=_("Scan cards")),
            "held": held,
            "left": dict(Proposal.objects.unplaced_by_event([event])).get(event.pk, 0),
            **_asked(scanned, held),
        }
        return TemplateResponse(request, "admin/program/event/scan.html", context)


def _sent(request, event, now):
    """Do what was sent; returns the code of a place that was taken, to ask about it."""
    if "other" in request.POST:
        return _swap(request, event, now)
    return _scan(request, event, request.POST.get("codes", "")[:CODES_MAX_LENGTH], now)


def _scan(request, event, codes, now):
    """One code after the other, up to the first thing that is refused."""
    scanned = None
    try:
        for scanned in scanning.read(event, codes):
            if isinstance(scanned, Card):
                _hold(request, event, scanned, now)
            else:
                _place(request, event, scanned, now)
    except moves.RoomTaken as error:
        messages.error(request, str(error))
        return scanning.code(scanned)
    except (scanning.Unknown, scanning.NothingHeld, moves.Refused) as error:
        messages.error(request, str(error))
    return ""


def _swap(request, event, now):
    """The held card and what was shown in its way; the card stays in the hand if refused."""
    form = SwapForm(request.POST, event=event)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return ""
    card, other = form.cleaned_data["session"], form.cleaned_data["other"]
    titles = {"title": card.proposal.heading, "other": other.proposal.heading}
    expected = {"expected": card.token, "other_expected": other.token}
    try:
        moves.swap(card.proposal, other.proposal, **expected, by=request.user, now=now)
    except moves.Refused as error:
        messages.error(request, str(error))
        return ""
    request.session.pop(HELD, None)
    if card.token:
        told = _("“%(title)s” and “%(other)s” have changed places.") % titles
    else:
        told = _("“%(title)s” has the place of “%(other)s”, which waits beside the board.") % titles
    messages.success(request, told)
    return ""


def _place(request, event, spot, now):
    held = _held(request, event, now)
    if held is None:
        raise scanning.NothingHeld
    cards.put(held, spot, by=request.user, now=now)
    del request.session[HELD]
    told = {"title": held.proposal.heading, "start": _clock(spot), "room": spot.room.name}
    messages.success(request, _("“%(title)s” is now at %(start)s, %(room)s.") % told)


def _hold(request, event, held, now):
    request.session[HELD] = {
        "event": event.pk,
        "code": held.proposal.code,
        "token": held.token,
        "at": now.timestamp(),
    }


def _held(request, event, now):
    kept = request.session.get(HELD)
    if not kept or kept["event"] != event.pk:
        return None
    if now.timestamp() - kept["at"] > scanning.HELD_FOR / dt.timedelta(seconds=1):
        return None
    try:
        return Card(scanning.card(event, kept["code"]).proposal, kept["token"])
    except scanning.Unknown:
        return None


def _opened(request, event):
    """The card or the place whose link was opened."""
    try:
        return next(scanning.read(event, request.GET.get("code", "")[:CODES_MAX_LENGTH]), None)
    except scanning.Unknown as error:
        messages.error(request, str(error))
        return None


def _is_from_camera(request):
    """Whether it was opened from outside the browser, which no page of any site can bring about."""
    opened = request.headers.get("Sec-Fetch-Site") == "none"
    return opened and request.method == "GET" and "Sec-Purpose" not in request.headers


def _asked(scanned, held):
    """What waits for a button; ``other`` has the place that the held card was to get."""
    if isinstance(scanned, Card):
        return {"code": scanned.proposal.code, "card": scanned.proposal}
    if scanned is None:
        return {}
    asked = {"code": scanning.code(scanned), "spot": scanned, "start": _clock(scanned)}
    return asked | {"other": held and scanning.in_the_way(held, scanned)}


def _clock(spot):
    return date_format(timezone.localtime(spot.starts_at), "D H:i")
