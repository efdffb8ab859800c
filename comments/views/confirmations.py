"""The link in the mail to a guest: a GET shows a button, the POST confirms."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from comments import confirmations
from comments.models import Comment
from comments.views import finding

GONE = 410


@login_not_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """No cookie: whoever reads the mail need not be whose browser wrote the comment.

    It ends on the same address, which says where the comment is, because pages of an event that
    are kept for everybody show no messages.
    """
    pk = confirmations.read(token)
    if pk is None:
        raise Http404
    comment, now = finding.comment(request, pk, Comment.objects.all()), timezone.now()
    is_open = confirmations.is_open(comment, now)
    if request.method == "POST" and is_open:
        try:
            confirmations.confirm(comment, now=now)
        except confirmations.Used:
            return _page(request, comment, is_open=False)
        return HttpResponseRedirect(request.path, status=303)
    return _page(request, comment, is_open=is_open)


def _page(request: HttpRequest, comment: Comment, *, is_open: bool) -> HttpResponse:
    is_waiting = comment.state == Comment.State.AWAITING_MODERATION
    context = {
        "comment": comment,
        "event": comment.pitch.event,
        "is_open": is_open,
        "is_waiting": is_waiting,
        "used": confirmations.Used(),
    }
    is_gone = not (is_open or is_waiting or comment.is_published)
    return render(request, "comments/confirm.html", context, status=GONE if is_gone else 200)
