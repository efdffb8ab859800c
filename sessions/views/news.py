"""The link in the foot of mails about what interests somebody, and the one click of RFC 8058."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sessions import access, quiet


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def less(request, event_slug, token):
    """A GET only shows what a POST does, since machines open the links of mails.

    The POST may come from a mail program: no cookie, no CSRF token, no redirect, any number of
    times. ``resume`` in it takes it back.
    """
    event = access.enter(request, event_slug)
    try:
        link = quiet.Link.read(token, event=event)
    except quiet.Unreadable as error:
        raise Http404 from error
    done = ""
    if request.method == "POST" and "resume" in request.POST:
        quiet.end(link)
        done = "resumed"
    elif request.method == "POST":
        quiet.begin(link)
        done = "ended"
    return render(request, "sessions/news_less.html", {"event": event, "done": done})
