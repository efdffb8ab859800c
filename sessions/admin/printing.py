"""Paper of an event in the desk: cards and places to scan, and all of it as PDF."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sessions import paper, programmes, timetables
from sessions.admin.event_pages import EventPages
from sessions.exports import pdf

NAME = "program_event_print"


def _cards(event):
    return {"sheets": paper.sheets_of_cards(event)}


def _cells(event):
    return {"sheets": paper.sheets_of_cells(event)}


def _doors(event):
    return {"signs": paper.signs(event)}


def _grid(event):
    return {"timetable": timetables.of(event, programmes.load(event).entries)}


KINDS = {"cards": _cards, "cells": _cells, "doors": _doors, "grid": _grid}


class PrintMixin(EventPages):
    """Mounts the print pages in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        views = {
            "": (self.print_view, NAME),
            "cards/": (self.print_cards_view, f"{NAME}_cards"),
            "cells/": (self.print_cells_view, f"{NAME}_cells"),
            "<slug:kind>.pdf": (self.print_pdf_view, f"{NAME}_pdf"),
        }
        return self.mount("print", views) + super().get_urls()

    @method_decorator(require_safe)
    def print_view(self, request, object_id):
        event = self.get_object(request, object_id)
        context = {
            **self.page_context(request, event, title=_("Print")),
            "makes_pdf": pdf.is_installed(),
            "is_published": event.schedules.published().exists(),
        }
        return TemplateResponse(request, "admin/program/event/print.html", context)

    @method_decorator(require_safe)
    def print_cards_view(self, request, object_id):
        return HttpResponse(self._sheets(request, object_id, "cards"))

    @method_decorator(require_safe)
    def print_cells_view(self, request, object_id):
        return HttpResponse(self._sheets(request, object_id, "cells"))

    @method_decorator(require_safe)
    def print_pdf_view(self, request, object_id, kind):
        """404 where no PDF can be made, with a sentence that says what to do instead."""
        if kind not in KINDS:
            raise Http404
        html = self._sheets(request, object_id, kind)
        try:
            made = pdf.render(html)
        except pdf.Unavailable as error:
            text = "text/plain; charset=utf-8"
            return HttpResponse(str(error), status=HTTPStatus.NOT_FOUND, content_type=text)
        name = f'attachment; filename="{kind}.pdf"'
        return HttpResponse(
            made, content_type="application/pdf", headers={"Content-Disposition": name}
        )

    def _sheets(self, request, object_id, kind) -> str:
        event = self.get_object(request, object_id)
        try:
            sheets = KINDS[kind](event)
        except programmes.NotPublished as error:
            raise Http404 from error
        site = request.build_absolute_uri("/").removesuffix("/")
        context = {"event": event, "site": site, "now": timezone.now(), **sheets}
        return render_to_string(f"sessions/print_{kind}.html", context, request)
