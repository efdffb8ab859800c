"""Where the codes on paper lead whoever organises the event: to the page that places cards."""

from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from sessions import access, scanning
from sessions.admin.reach import reach


def scanned(event, code):
    """The desk's page for one scanned code; it writes nothing before its button is pressed."""
    address = reverse("admin:program_event_print_scan", args=[event.pk])
    return HttpResponseRedirect(f"{address}?{urlencode({'code': code})}")


@require_safe
def cell(request, event_slug, room, start):
    """Says nothing about the place: whoever may not place anything gets 404."""
    event = access.enter(request, event_slug)
    if not reach(request).covers(event.pk):
        raise Http404
    try:
        scanning.spot(event, room, start)
    except scanning.Unknown as error:
        raise Http404 from error
    return scanned(event, f"{room}/{start}")
