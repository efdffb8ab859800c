"""Following and muting: idempotent POSTs, and the page that shows what somebody hears of."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comments import following
from comments.models import Comment, Follow, Mute, Pace
from comments.pace_form import PaceForm
from comments.views import finding
from config.lib.http import next_url
from sessions.models import Pitch


@require_POST
def follow(request: HttpRequest, code: str) -> HttpResponse:
    pitch = finding.enter(request, code=code)
    following.follow(pitch, by=request.user)
    return _standing(request, pitch)


@require_POST
def unfollow(request: HttpRequest, code: str) -> HttpResponse:
    pitch = finding.enter(request, code=code)
    following.unfollow(pitch, by=request.user)
    return _standing(request, pitch)


@require_POST
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole thread that a comment stands in."""
    comment = finding.comment(request, pk, Comment.objects.in_thread())
    following.mute(comment.root or comment, by=request.user)
    return _thread(request, comment)


@require_POST
def unmute(request: HttpRequest, pk: int) -> HttpResponse:
    comment = finding.comment(request, pk, Comment.objects.in_thread())
    following.unmute(comment.root or comment, by=request.user)
    return _thread(request, comment)


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """How often mail comes, and what is followed and muted."""
    pace = Pace.of(request.user)
    typed = request.POST if request.method == "POST" else None
    form = PaceForm(typed, initial={"pace": pace})
    if form.is_valid():
        following.choose(form.cleaned_data["pace"], by=request.user, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("comments:notices")
    context = {
        "form": form,
        "follows": Follow.objects.listed_for(request.user),
        "mutes": Mute.objects.listed_for(request.user),
    }
    status = 422 if form.errors else 200
    return render(request, "comments/notices.html", context, status=status)


def _standing(request: HttpRequest, pitch: Pitch) -> HttpResponse:
    """The same fragment for htmx, else back to where it was clicked."""
    if not request.htmx:
        discussion = f"{pitch.get_absolute_url()}#discussion"
        return HttpResponseRedirect(next_url(request, discussion), status=303)
    context = {"pitch": pitch, "follow": following.standing(pitch, request.user), "focus": True}
    return render(request, "comments/_follow.html", context)


def _thread(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not request.htmx:
        back = next_url(request, comment.get_absolute_url())
        return HttpResponseRedirect(back, status=303)
    context = {
        "comment": comment.root or comment,
        "follow": following.standing(comment.pitch, request.user),
    }
    return render(request, "comments/_mute.html", context)
