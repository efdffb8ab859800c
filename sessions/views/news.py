"""The link in the foot of mails about what interests somebody, and the one click of RFC 8058."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from config.lib import oneclick
from sessions import access, quiet


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def less(request, event_slug, token):
    """See :func:`oneclick.answer`."""
    event = access.enter(request, event_slug)
    try:
        link = quiet.Link.read(token, event=event)
    except quiet.Unreadable as error:
        raise Http404 from error
    done = oneclick.answer(request, end=lambda: quiet.begin(link), resume=lambda: quiet.end(link))
    return render(request, "sessions/news_less.html", {"event": event, "done": done})
