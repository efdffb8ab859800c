"""The page to scan cards and places onto the board, by a scanner that types or by the phone.

Every code is sent by POST, also the one of an opened link: then a big button sends it. A held
card waits in the organiser's session, bound to the state of its place, for half an hour.
"""

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sessions import scanning
from sessions.models import Proposal
from sessions.scheduling import cards, moves
from sessions.scheduling.cards import Card

NAME = "program_event_print_scan"
HELD = "held"
CODES_MAX_LENGTH = 4_000


class ScanMixin:
    """Mounts the page in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.scan_view)
        return [path("<int:object_id>/print/scan/", view, name=NAME), *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def scan_view(self, request, object_id):
        event = self.get_object(request, object_id)
        now = timezone.now()
        if request.method == "POST":
            _scan(request, event, request.POST.get("codes", "")[:CODES_MAX_LENGTH], now)
            return redirect(f"admin:{NAME}", event.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Scan cards"),
            "original": event,
            "opts": self.opts,
            "event": event,
            "held": _held(request, event, now),
            "left": dict(Proposal.objects.unplaced_by_event([event])).get(event.pk, 0),
            **_asked(request, event),
        }
        return TemplateResponse(request, "admin/program/event/scan.html", context)


def _scan(request, event, codes, now):
    """Do what was scanned, one after the other, up to the first thing that is refused."""
    try:
        for scanned in scanning.read(event, codes):
            if isinstance(scanned, Card):
                _hold(request, event, scanned, now)
            else:
                _place(request, event, scanned, now)
    except (scanning.Unknown, scanning.NothingHeld, moves.Refused) as error:
        messages.error(request, str(error))


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


def _asked(request, event):
    """The card or the place whose link was opened, waiting for the button."""
    code = request.GET.get("code", "")[:CODES_MAX_LENGTH]
    try:
        scanned = next(scanning.read(event, code), None)
    except scanning.Unknown as error:
        messages.error(request, str(error))
        return {}
    if isinstance(scanned, Card):
        return {"code": code, "card": scanned.proposal}
    return {"code": code, "spot": scanned, "start": _clock(scanned)} if scanned else {}


def _clock(spot):
    return date_format(timezone.localtime(spot.starts_at), "D H:i")
