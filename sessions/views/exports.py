"""The programme in other programs."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from sessions import access, programmes
from sessions.exports import ical


@login_not_required
@require_safe
def program_ics(request, event_slug):
    """All sessions, to subscribe to; 404 before there is a programme."""
    event = access.enter(request, event_slug)
    return _calendar(event, name=event.slug)


@login_not_required
@require_safe
def session_ics(request, event_slug, code):
    """One session; 404 unless a published programme gave it a place."""
    event = access.enter(request, event_slug)
    return _calendar(event, code=code, name=f"{event.slug}-{code}")


def _calendar(event, *, name, code=""):
    try:
        programme = programmes.calendar(event, code=code)
    except programmes.NotPublished as error:
        raise Http404 from error
    return HttpResponse(
        ical.calendar(event, programme, site_url=settings.SITE_URL),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{name}.ics"'},
    )
