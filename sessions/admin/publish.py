"""The gate before the programme becomes public: what would change, what is impossible, a pity."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sessions import programmes
from sessions.admin.event_pages import EventPages
from sessions.forms.live import PublishForm
from sessions.models import Event
from sessions.scheduling import conflicts as rules
from sessions.scheduling import grid, publish

NAME = "program_event_publish"
REFUSED = 422


class PublishMixin(EventPages):
    """Mounts the gate in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        return self.mount("publish", {"": (self.publish_view, NAME)}) + super().get_urls()

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def publish_view(self, request, object_id):
        event = self.get_object(request, object_id)
        found = rules.conflicts(grid.load(event))
        asks = bool(rules.soft(found))
        if request.method != "POST":
            return self._gate(request, event, found, PublishForm(asks=asks))
        form = PublishForm(request.POST, asks=asks)
        if form.is_valid():
            try:
                version = publish.publish(
                    event,
                    by=request.user,
                    changelog=form.cleaned_data["changelog"],
                    now=timezone.now(),
                    knowingly=form.cleaned_data.get("knows", False),
                )
            except publish.Regrettable as error:
                form.add_error("knows" if asks else None, str(error))
            except (publish.Impossible, publish.Unchanged) as error:
                form.add_error(None, str(error))
            else:
                said = _("Version %(number)d is published. Whom it concerns gets a mail.")
                messages.success(request, said % {"number": version.version})
                return redirect("admin:program_event_board", event.pk)
        return self._gate(request, event, found, form, status=REFUSED)

    def _gate(self, request, event: Event, found, form: PublishForm, *, status: int = 200):
        upcoming = publish.pending(event)
        context = {
            **self.page_context(request, event, title=_("Publish")),
            "form": form,
            "upcoming": upcoming,
            "news": programmes.told(upcoming.difference),
            "hard": rules.hard(found),
            "soft": rules.soft(found),
            "board_at": reverse("admin:program_event_board", args=[event.pk]),
        }
        return TemplateResponse(request, "admin/program/event/publish.html", context, status=status)
