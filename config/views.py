"""What belongs to the whole site: the front page, its legal pages, language, pictures, health."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from config import queue
from config.lib.http import next_url
from config.lib.text import render_markdown
from sessions.models import Event

PICTURE_AGE = dt.timedelta(days=365)  # a new picture gets a new name


@login_not_required
@require_safe
def front(request):
    """The event if there is one; a list when there are several."""
    events = list(Event.objects.visible_to(request.user).chronological())
    if len(events) == 1:
        return redirect(events[0])
    now = timezone.now()
    groups = [
        (_("Running today"), [event for event in events if event.is_today(now)]),
        (_("Coming"), [event for event in events if not event.has_begun(now)]),
        (_("Past"), [event for event in reversed(events) if event.is_over(now)]),
    ]
    return render(request, "front.html", {"events": events, "groups": groups})


@login_not_required
@require_safe
def imprint(request):
    return render(request, "imprint.html", {"text": render_markdown(settings.IMPRINT)})


@login_not_required
@require_safe
def privacy(request):
    return render(
        request,
        "privacy.html",
        {"contact": settings.PRIVACY_CONTACT, "imprint_url": reverse("imprint")},
    )


@login_not_required
@require_safe
def accessibility(request):
    return render(request, "accessibility.html", {"contact": settings.PRIVACY_CONTACT})


@login_not_required
@require_POST
def set_language(request):
    """Remember the reader's choice in a cookie, and in the account if there is one."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(next_url(request, "/"), status=303)
    known = dict(settings.LANGUAGES)
    if language not in known:
        return response
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=dt.timedelta(days=365),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@login_not_required
@require_safe
def picture(request, name):
    """A profile picture; every one was re-encoded as WebP when it was uploaded."""
    path = f"people/{name}.webp"
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/webp")
    response["Cache-Control"] = f"public, max-age={int(PICTURE_AGE.total_seconds())}, immutable"
    return response


@login_not_required
@require_GET
@never_cache
def healthz(request):
    """The process answers. Asks no database."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_GET
@never_cache
def readyz(request):
    """Whether the database answers, is migrated, and the worker keeps up; 503 if not."""
    try:
        checks = {"migrations": _migrated(), "queue": queue.keeps_up(timezone.now())}
        checks = {"database": True, **checks}
    except OperationalError:
        checks = {"database": False}
    lines = [f"{name}: {'ok' if passed else 'failed'}\n" for name, passed in checks.items()]
    status = 200 if all(checks.values()) else 503
    return HttpResponse("".join(lines), content_type="text/plain", status=status)


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
