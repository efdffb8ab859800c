"""The link in the foot of every mail about a discussion, and the one click of RFC 8058."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments import unsubscribing
from comments.unsubscribing import Kind, Subscription
from config.lib import oneclick


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """See :func:`oneclick.answer`."""
    try:
        subscription = Subscription.read(token)
    except unsubscribing.Unreadable as error:
        raise Http404 from error
    done = oneclick.answer(
        request,
        end=lambda: unsubscribing.end(subscription),
        resume=lambda: unsubscribing.resume(subscription),
    )
    pitch = unsubscribing.target(subscription)
    context = {
        "kind": subscription.kind,
        "pitch": pitch,
        "is_gone": pitch is None and subscription.kind != Kind.ALL,
        "done": done,
        "url": request.path,
    }
    return render(request, "comments/unsubscribe.html", context)
