"""The mails of an event in the desk: what waits, is sent or failed and why; retry what failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from sessions import outbox
from sessions.admin.event_pages import EventPages

NAME = "program_event_outbox"
PER_PAGE = 50
STATES = {
    "waiting": (_("waiting"), lambda rows: rows.waiting()),
    "sent": (_("sent"), lambda rows: rows.sent()),
    "failed": (_("failed"), lambda rows: rows.failed()),
}


class OutboxMixin(EventPages):
    """Mounts the outbox in an event's admin, whose ``get_object`` is the door.

    9 queries with the log-in's three, however many mails there are.
    """

    def get_urls(self):
        views = {
            "": (self.outbox_view, NAME),
            "retry/": (self.outbox_retry_all_view, f"{NAME}_retry_all"),
            "<int:pk>/retry/": (self.outbox_retry_view, f"{NAME}_retry"),
        }
        return self.mount("outbox", views) + super().get_urls()

    @method_decorator(require_safe)
    def outbox_view(self, request, object_id):
        event = self.get_object(request, object_id)
        chosen = request.GET.get("state", "")
        rows = event.outbox.all()
        counts = rows.counts()
        if chosen in STATES:
            rows = STATES[chosen][1](rows)
        page = Paginator(rows.with_mails().newest_first(), PER_PAGE).get_page(
            request.GET.get("page")
        )
        context = {
            **self.page_context(request, event, title=_("Outbox")),
            "page_obj": page,
            "counts": counts,
            "chosen": chosen,
            "states": [(key, label, counts[key]) for key, (label, _rows) in STATES.items()],
        }
        return TemplateResponse(request, "admin/program/event/outbox.html", context)

    @method_decorator(require_POST)
    def outbox_retry_view(self, request, object_id, pk):
        event = self.get_object(request, object_id)
        entry = event.outbox.filter(pk=pk).first()
        if entry is None:
            raise Http404
        try:
            outbox.retry(entry)
        except outbox.NotFailed as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, gettext("The mail is on its way again."))
        return _see(request, event)

    @method_decorator(require_POST)
    def outbox_retry_all_view(self, request, object_id):
        event = self.get_object(request, object_id)
        if number := outbox.retry_all(event):
            said = ngettext(
                "%(n)d mail is on its way again.", "%(n)d mails are on their way again.", number
            )
            messages.success(request, said % {"n": number})
        else:
            messages.warning(request, str(outbox.NotFailed()))
        return _see(request, event)


def _see(request, event):
    """The list again, on its page and under its filter."""
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse(f"admin:{NAME}", args=[event.pk]) + query)
