"""Copying an event in the desk. It lives here because the rules of the discussion come along."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comments import copying
from sessions.admin.site import regie
from sessions.forms.copying import CopyForm
from sessions.models import Event

REFUSED = 422


@regie.admin_view
@require_http_methods(["GET", "HEAD", "POST"])
def copy_event(request: HttpRequest, object_id: int) -> HttpResponse:
    """For the organisers of the event; its admin's ``get_object`` is the door."""
    desk = regie.get_model_admin(Event)
    event = desk.get_object(request, object_id)
    form = CopyForm(request.POST or None, initial={"name": event.name})
    if request.method == "POST" and form.is_valid():
        try:
            copy = copying.copied(event, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        except IntegrityError:
            clash = _("This clashes with a change made a moment ago. Nothing was saved.")
            form.add_error(None, clash)
        else:
            messages.success(request, _("“%(name)s” is a draft now.") % {"name": copy.name})
            return redirect("admin:program_event_change", copy.pk)
    context = {
        **regie.each_context(request),
        "title": _("Copy the event"),
        "event": event,
        "original": event,
        "opts": desk.opts,
        "form": form,
    }
    return TemplateResponse(
        request,
        "admin/program/event/copy.html",
        context,
        status=REFUSED if form.is_bound else 200,
    )
