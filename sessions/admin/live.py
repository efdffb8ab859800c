"""The day itself in the desk: live mode, a session on the spot, a delay of the whole day.

A session on the spot can be asked for from a free cell: ``live/spot/?room=<id>&start=<UTC time as
2026-11-09T10:00>``.
"""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.lib.text import clean_line
from sessions import on_the_spot
from sessions.admin.event_pages import EventPages
from sessions.forms.live import DelayForm, SpotForm
from sessions.models import Event
from sessions.scheduling import delay, grid, live, moves

NAME = "program_event_live"
REFUSED = 422
pages = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


class LiveMixin(EventPages):
    """Mounts the day in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        views = {
            "": (self.live_view, NAME),
            "switch/": (self.live_switch_view, f"{NAME}_switch"),
            "spot/": (self.live_spot_view, f"{NAME}_spot"),
            "delay/": (self.live_delay_view, f"{NAME}_delay"),
        }
        return self.mount("live", views) + super().get_urls()

    @method_decorator(require_safe)
    def live_view(self, request, object_id):
        return self._day(request, self.get_object(request, object_id), "live")

    @method_decorator(require_POST)
    def live_switch_view(self, request, object_id):
        """On with ``live=1``, off otherwise; nothing happens to what is so already."""
        event = self.get_object(request, object_id)
        try:
            if request.POST.get("live") == "1":
                live.start(event)
                messages.success(request, _("The programme is live. Every move is public at once."))
            else:
                live.stop(event)
                messages.success(request, _("The board is a draft again until it is published."))
        except (live.NoProgramme, live.NotPublished) as error:
            return self._day(request, event, "live", refused=str(error), status=REFUSED)
        return redirect(_url(event))

    @pages
    def live_spot_view(self, request, object_id):
        event, now = self.get_object(request, object_id), timezone.now()
        cells = list(on_the_spot.free_cells(grid.load(event), now=now))
        if request.method != "POST":
            asked = "{room}@{start}".format(
                **{key: clean_line(request.GET.get(key, "")) for key in ("room", "start")}
            )
            form = SpotForm(cells=cells, initial={"to": asked})
            return self._day(request, event, "live_spot", form=form)
        form = SpotForm(request.POST, cells=cells)
        if form.is_valid():
            try:
                placement = on_the_spot.propose(
                    event,
                    form.idea(by=request.user),
                    room=event.rooms.get(pk=form.cell.room.id),
                    starts_at=form.cell.slot.span.starts_at,
                    by=request.user,
                    now=now,
                )
            except moves.Refused as error:
                form.add_error("to", str(error))
            else:
                messages.success(request, _is_at(event, placement))
                return redirect(_board_url(event, placement.proposal))
        return self._day(request, event, "live_spot", form=form, status=REFUSED)

    @pages
    def live_delay_view(self, request, object_id):
        """A GET with an answer in it shows what would happen, a POST does it."""
        event, now = self.get_object(request, object_id), timezone.now()
        board = grid.load(event)
        asked = request.POST if request.method == "POST" else request.GET
        slots = [slot for slot in board.slots if slot.span.ends_at > now]
        form = DelayForm(asked if "minutes" in asked else None, slots=slots)
        context = {"form": form, "slots": slots}
        if not form.is_valid():
            status = REFUSED if request.method == "POST" else 200
            return self._day(request, event, "live_delay", status=status, **context)
        context["outlook"] = delay.outlook(event, board, form.lag)
        if request.method != "POST":
            return self._day(request, event, "live_delay", **context)
        try:
            delay.shift(event, form.lag, by=request.user, now=now)
        except moves.Refused as error:
            context["refused"] = str(error)
            return self._day(request, event, "live_delay", status=REFUSED, **context)
        messages.success(request, _is_late(form.lag))
        return redirect(_board_url(event))

    def _day(self, request, event: Event, page: str, *, status: int = 200, **context):
        context = {
            **self.page_context(request, event, title=_("On the day")),
            "live_url": _url(event),
            "board_at": _board_url(event),
            **context,
        }
        return TemplateResponse(request, f"admin/program/event/{page}.html", context, status=status)


def _url(event: Event) -> str:
    return reverse(f"admin:{NAME}", args=[event.pk])


def _board_url(event: Event, proposal=None) -> str:
    anchor = f"#{proposal.anchor}" if proposal else ""
    return reverse("admin:program_event_board", args=[event.pk]) + anchor


def _is_at(event: Event, placement) -> str:
    start = date_format(timezone.localtime(placement.during.lower), "D H:i")
    told = {"title": placement.proposal.heading, "start": start, "room": placement.room.name}
    if event.live:
        return _("“%(title)s” takes place at %(start)s, %(room)s. Everyone can see it.") % told
    return _("“%(title)s” is at %(start)s, %(room)s. Publish the board to let it be seen.") % told


def _is_late(lag: delay.Lag) -> str:
    if lag.minutes < 0:
        said = ngettext(
            "Everything begins %(n)d minute earlier. One undo takes that back.",
            "Everything begins %(n)d minutes earlier. One undo takes that back.",
            -lag.minutes,
        )
    else:
        said = ngettext(
            "Everything begins %(n)d minute later. One undo takes that back.",
            "Everything begins %(n)d minutes later. One undo takes that back.",
            lag.minutes,
        )
    told = [said % {"n": abs(lag.minutes)}]
    if lag.makes_up is not None:
        again = date_format(timezone.localtime(lag.makes_up.span.ends_at), "H:i")
        told.append(_("From %(time)s on everything is as planned.") % {"time": again})
    return " ".join(told)
