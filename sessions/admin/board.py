"""The board of an event in the desk: place, move, swap and pin with plain buttons.

Every answer is the page with ``_board.html`` in it, or that fragment alone for htmx. A refusal is
answered with 422, says what happened meanwhile, and shows the board as it is now.
"""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import replace_url

from config.lib.text import clean_line
from sessions.admin.event_pages import EventPages
from sessions.forms.board import BoardForm, Knew, MoveForm, SwapForm, WaitingForm
from sessions.models import Event, Placement, Proposal
from sessions.models.move import during_of
from sessions.scheduling import boards, cards, conflicts, grid, moves, undo, watching

NAME = "program_event_board"
REFUSED = 422


class BoardMixin(EventPages):
    """Mounts the board in an event's admin, whose ``get_object`` is the door: 404 for strangers.

    8 queries with the log-in's three, however many sessions there are.
    """

    def get_urls(self):
        views = {
            "": (self.board_view, NAME),
            "move/": (self.board_move_view, f"{NAME}_move"),
            "swap/": (self.board_swap_view, f"{NAME}_swap"),
            "unplace/": (self.board_unplace_view, f"{NAME}_unplace"),
            "pin/": (self.board_pin_view, f"{NAME}_pin"),
            "unpin/": (self.board_unpin_view, f"{NAME}_unpin"),
            "undo/": (self.board_undo_view, f"{NAME}_undo"),
            "redo/": (self.board_redo_view, f"{NAME}_redo"),
        }
        return self.mount("board", views) + super().get_urls()

    @method_decorator(require_safe)
    def board_view(self, request, object_id):
        event = self.get_object(request, object_id)
        held, focus = (clean_line(request.GET.get(name, "")) for name in ("held", "focus"))
        if "poll" not in request.GET or not request.htmx:
            return self._board(request, event, held=held, focus=focus)
        knew = Knew.read(request.headers.get("Board-Moves", ""))
        pulse = watching.pulse(event, by=request.user, since=knew and knew.told)
        etag = request.headers.get("If-None-Match", "")
        if etag.endswith(pulse.mark):
            return HttpResponseNotModified(headers={"ETag": etag})
        drawn = grid.load(event)
        if watching.shows_the_same(etag, watching.etag(event, drawn, pulse)):
            return HttpResponseNotModified(headers={"ETag": etag})
        return self._board(request, event, held=held, pulse=pulse, drawn=drawn, polled=knew)

    @method_decorator(require_POST)
    def board_move_view(self, request, object_id):
        return self._act(request, object_id, MoveForm, _move)

    @method_decorator(require_POST)
    def board_swap_view(self, request, object_id):
        return self._act(request, object_id, SwapForm, _swap)

    @method_decorator(require_POST)
    def board_unplace_view(self, request, object_id):
        return self._act(request, object_id, BoardForm, _unplace)

    @method_decorator(require_POST)
    def board_pin_view(self, request, object_id):
        return self._act(request, object_id, BoardForm, _pin)

    @method_decorator(require_POST)
    def board_unpin_view(self, request, object_id):
        return self._act(request, object_id, BoardForm, _unpin)

    @method_decorator(require_POST)
    def board_undo_view(self, request, object_id):
        return self._go(request, object_id, _undo)

    @method_decorator(require_POST)
    def board_redo_view(self, request, object_id):
        return self._go(request, object_id, _redo)

    def _act(self, request, object_id, form_class, verb) -> HttpResponse:
        """Bind the button's form, let ``verb`` do it, and say what was done or refused."""
        event = self.get_object(request, object_id)
        form = form_class(request.POST, event=event)
        held = request.POST.get("session", "").partition("/")[0]
        if not form.is_valid():
            refused = form.first_error()
            return self._board(request, event, held=held, refused=refused, status=REFUSED)
        proposal = form.cleaned_data["session"].proposal
        try:
            said = verb(form.cleaned_data, by=request.user, now=timezone.now())
        except moves.Refused as error:
            return self._board(request, event, held=held, refused=str(error), status=REFUSED)
        return self._done(request, event, said, proposal)

    def _go(self, request, object_id, verb) -> HttpResponse:
        """Back or forth by one of this person's steps."""
        event = self.get_object(request, object_id)
        try:
            said, proposal = verb(event, by=request.user, now=timezone.now())
        except moves.Refused as error:
            return self._board(request, event, refused=str(error), status=REFUSED)
        return self._done(request, event, said, proposal)

    def _done(self, request, event, said, proposal) -> HttpResponse:
        if request.htmx:
            return self._board(request, event, said=said, focus=proposal.code if proposal else "")
        messages.success(request, said)
        query = WaitingForm(request.GET).choice.query
        anchor = f"#{proposal.anchor}" if proposal else ""
        return redirect(f"{_url(event)}{query and f'?{query}'}{anchor}")

    def _board(
        self, request: HttpRequest, event: Event, *, held: str = "", status: int = 200, **context
    ) -> HttpResponse:
        knew = Knew.read(request.headers.get("Board-Moves", ""))
        pulse = context.pop("pulse", None) or watching.pulse(
            event, by=request.user, since=knew and knew.newest
        )
        polled = context.pop("polled", None)
        drawn = context.pop("drawn", None) or grid.load(event)
        shown = boards.board(drawn, zone=event.zone, held=held)
        choice = WaitingForm(request.GET).choice
        # On its own address the board's links can be short; there are hundreds of them.
        here = "" if request.htmx or request.method == "GET" else _url(event)
        template = "_board.html" if request.htmx else "board.html"
        context = {
            "event": event,
            "original": event,
            "opts": self.opts,
            "board": shown,
            "board_url": here,
            "pities": _with_names(shown),
            "pulse": pulse,
            "etag": watching.etag(event, drawn, pulse).strip('"'),
            "told": polled.told if polled else pulse.newest,
            "fresh": [news for news in pulse.news if not polled or news.pk > polled.newest],
            "polled": polled,
            "choice": choice,
            "waiting": choice.of(shown.grid.unplaced),
            "query": choice.query and f"?{choice.query}",
            "ask_url": f"{here}?{choice.query and f'{choice.query}&'}",
            "orders": WaitingForm.ORDERS,
            "now": timezone.now(),
            "spot_url": event.live and reverse("admin:program_event_live_spot", args=[event.pk]),
            "formats": Proposal.Format.choices,
            **context,
        }
        if not request.htmx:
            context |= {**self.admin_site.each_context(request), "title": _("Board")}
        page = TemplateResponse(request, f"admin/program/event/{template}", context, status=status)
        return _at(f"{_url(event)}{choice.query and f'?{choice.query}'}", request, page)


def _at(address: str, request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """The browser may load its address again: that must not become a button's."""
    if not request.htmx:
        return page
    # Where it stays the same htmx shall not touch it: it would copy the whole page before.
    stays = request.headers.get("HX-Current-URL") == request.build_absolute_uri(address)
    return replace_url(page, False if stays else address)


def _with_names(board: boards.Board) -> list[tuple[conflicts.Conflict, list[str]]]:
    """The listed pities, each with the names of the members whom it concerns."""
    names = watching.names_of(board.audience)
    concerned = [(pity, pity.members) for pity in board.pities]
    return [
        (pity, [name for person, name in names.items() if person in members])
        for pity, members in concerned
    ]


def _url(event: Event) -> str:
    return reverse(f"admin:{NAME}", args=[event.pk])


def _move(data, *, by, now) -> str:
    placement = cards.put(data["session"], data["to"], by=by, now=now)
    return _is_now(data["session"].proposal, placement)


def _swap(data, *, by, now) -> str:
    seen, other = data["session"], data["other"]
    moves.swap(
        seen.proposal,
        other.proposal,
        expected=seen.token,
        other_expected=other.token,
        by=by,
        now=now,
    )
    titles = {"title": seen.proposal.heading, "other": other.proposal.heading}
    if seen.token:
        return _("“%(title)s” and “%(other)s” have changed places.") % titles
    return _("“%(title)s” has the place of “%(other)s”, which waits beside the board.") % titles


def _unplace(data, *, by, now) -> str:
    seen = data["session"]
    moves.unplace(seen.proposal, expected=seen.token, by=by, now=now)
    return _("“%(title)s” waits beside the board.") % {"title": seen.proposal.heading}


def _pin(data, *, by, now) -> str:
    seen = data["session"]
    moves.pin(seen.proposal, expected=seen.token, by=by, now=now)
    return _("“%(title)s” is pinned and stays where it is.") % {"title": seen.proposal.heading}


def _unpin(data, *, by, now) -> str:
    seen = data["session"]
    moves.unpin(seen.proposal, expected=seen.token, by=by, now=now)
    return _("“%(title)s” can be moved again.") % {"title": seen.proposal.heading}


def _is_now(proposal: Proposal, placement: Placement) -> str:
    return _told(proposal, placement.during.lower, placement.room.name)


def _told(proposal: Proposal, starts_at: dt.datetime, room: str) -> str:
    start = date_format(timezone.localtime(starts_at), "D H:i")
    told = {"title": proposal.heading, "start": start, "room": room}
    return _("“%(title)s” is now at %(start)s, %(room)s.") % told


def _undo(event, *, by, now) -> tuple[str, Proposal | None]:
    rows = undo.undo(event, by=by, now=now)
    return _went(_("Undone."), [(row.proposal, row.before) for row in reversed(rows)])


def _redo(event, *, by, now) -> tuple[str, Proposal | None]:
    rows = undo.redo(event, by=by, now=now)
    return _went(_("Done again."), [(row.proposal, row.after) for row in rows])


def _went(done: str, went: list[tuple[Proposal, dict | None]]) -> tuple[str, Proposal | None]:
    """In words, and the session that gets the focus: none after a delay that moved only slots."""
    if not went:
        told = _("The slots have moved, no session was in them.")
        return f"{done} {told}", None
    proposal, place = went[-1]
    if (n := len(dict(went))) > 1:
        told = ngettext("%(n)d session has moved.", "%(n)d sessions have moved.", n) % {"n": n}
    elif place is None:
        told = _("“%(title)s” waits beside the board.") % {"title": proposal.heading}
    else:
        told = _told(proposal, during_of(place).lower, place["room_name"])
    return f"{done} {told}", proposal
