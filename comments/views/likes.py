"""Applause: idempotent POST, PUT and DELETE."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comments import likes, threads
from comments.models import Comment
from comments.views import finding
from config.lib.http import visitor_of


@require_http_methods(["POST", "PUT", "DELETE"])
def like(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "DELETE":
        return _unlike(request, pk)
    comment = finding.comment(request, pk, Comment.objects.published())
    try:
        likes.add(comment, by=request.user, visitor=visitor_of(request))
    except likes.NotLikeable as error:
        messages.error(request, str(error))
    return _likes(request, comment)


@require_POST
def unlike(request: HttpRequest, pk: int) -> HttpResponse:
    """What a form without JavaScript can send instead of DELETE."""
    return _unlike(request, pk)


def _unlike(request: HttpRequest, pk: int) -> HttpResponse:
    comment = finding.comment(request, pk, Comment.objects.published())
    likes.remove(comment, by=request.user)
    return _likes(request, comment)


def _likes(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(comment.get_absolute_url(), status=303)
    row = Comment.objects.with_like_count().with_authors().filter(pk=comment.pk).first()
    if row is None:
        raise Http404
    entry = threads.entry(row, user=request.user, now=timezone.now())
    context = {"entry": entry, "may_like": likes.is_open(comment.pitch), "oob": True}
    return render(request, "comments/_likes_answer.html", context)
