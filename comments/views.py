"""Every action is a plain form that answers 303; htmx gets the fragment of the same page.

A form with errors comes again with everything that was typed, as 422; too many at once, as 429.
"""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comments import likes, pages, posting, threads
from comments.forms import BodyForm
from comments.models import Comment
from config.lib import text
from config.lib.http import remember_visitor, visitor_of
from sessions import access
from sessions.models import Pitch

UNPROCESSABLE, TOO_MANY = 422, 429


@login_not_required
@require_POST
def post(request: HttpRequest, code: str) -> HttpResponse:
    """A new comment, or an answer when the form names its ``parent``."""
    pitch = _enter(request, code=code)
    parent, context = _form_of(request, pitch, data=request.POST)
    form = context["form"]
    if refused := posting.refusal(pitch, request.user):
        form.add_error(None, str(refused))
    if not form.is_valid():
        return _form_again(request, context)
    user = request.user if request.user.is_authenticated else None
    try:
        posted = posting.post(
            pitch,
            by=user,
            guest=None if user else form.guest(visitor_of(request)),
            parent=parent,
            proposal=form.proposal,
            body=form.cleaned_data["body"],
            now=timezone.now(),
        )
    except (posting.Refused, text.TooLong) as error:
        return _form_again(request, context, error)
    if posted.is_new:
        messages.success(request, _("Thank you, your comment is published."))
    else:
        messages.success(request, _("Your comment is here already."))
    visitor = posted.comment.visitor if posted.is_new else None  # never hand out a stranger's
    response = _discussion(request, pitch, posted.comment, visitor=visitor)
    if visitor:
        remember_visitor(response, visitor)
    return response


@login_not_required
@require_POST
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The typed text as it will look; without htmx on a page above the form."""
    pitch = _enter(request, code=code)
    _parent, context = _form_of(request, pitch, initial=request.POST.dict())
    context["preview"] = body = BodyForm(request.POST)
    if body.is_valid():
        context["preview_html"] = text.render_markdown(
            body.cleaned_data["body"], max_length=text.COMMENT_MAX_LENGTH
        )
    if request.htmx:
        return render(request, "comments/_preview.html", context)
    return render(request, "comments/form.html", {**context, "event": pitch.event})


@login_not_required
@require_GET
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(_comment(request, pk, Comment.objects.in_thread()).get_absolute_url())


@login_not_required
@require_GET
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an answer, in place for htmx, else on the pitch page."""
    comment = _comment(request, pk, Comment.objects.published())
    if request.htmx and posting.refusal(comment.pitch, request.user) is None:
        return render(request, "comments/_form.html", pages.reply_form(request, comment))
    return redirect(f"{comment.pitch.get_absolute_url()}?reply_to={pk}#reply-{pk}")


@login_not_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _comment(request, pk, _own(request))
    form = BodyForm(
        request.POST if request.method == "POST" else None,
        initial={"body": comment.body},
        auto_id=f"edit-{pk}-%s",
    )
    context = {"form": form, "comment": comment, "event": comment.pitch.event}
    if request.method == "POST" and form.is_valid():
        try:
            edited = posting.edit(comment, body=form.cleaned_data["body"], now=timezone.now())
        except (posting.Refused, text.TooLong) as error:
            form.add_error("body", _words(error))
        else:
            messages.success(request, _("Your comment is changed."))
            return _discussion(request, comment.pitch, edited)
    template = "comments/_edit_form.html" if request.htmx else "comments/edit.html"
    return render(request, template, context, status=UNPROCESSABLE if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _comment(request, pk, _own(request))
    if request.method == "POST":
        posting.delete(comment)
        messages.success(request, _("Your comment is deleted."))
        return _discussion(request, comment.pitch)
    has_replies = comment.replies.exists()
    context = {"comment": comment, "event": comment.pitch.event, "has_replies": has_replies}
    return render(request, "comments/delete.html", context)


@require_http_methods(["POST", "PUT", "DELETE"])
def like(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "DELETE":
        return _unlike(request, pk)
    comment = _comment(request, pk, Comment.objects.published())
    try:
        likes.add(comment, by=request.user)
    except likes.NotLikeable as error:
        messages.error(request, str(error))
    return _likes(request, comment)


@require_POST
def unlike(request: HttpRequest, pk: int) -> HttpResponse:
    """What a form without JavaScript can send instead of DELETE."""
    return _unlike(request, pk)


def _unlike(request: HttpRequest, pk: int) -> HttpResponse:
    comment = _comment(request, pk, Comment.objects.published())
    likes.remove(comment, by=request.user)
    return _likes(request, comment)


def _enter(request: HttpRequest, **lookup) -> Pitch:
    """The pitch that somebody may see, inside its event's zone and language, or 404."""
    pitches = Pitch.objects.visible_to(request.user).select_related("event")
    pitch = get_object_or_404(pitches.with_hosts().with_proposals(), **lookup)
    pitch.event = access.enter(request, pitch.event.slug)
    return pitch


def _comment(request: HttpRequest, pk: int, among) -> Comment:
    """One of ``among`` below a pitch that somebody may see, or 404."""
    comment = get_object_or_404(among.select_related("author__profile"), pk=pk)
    comment.pitch = _enter(request, pk=comment.pitch_id)
    return comment


def _own(request: HttpRequest):
    """Comments of the account or the browser; everybody else's do not exist."""
    return Comment.objects.published().written_by(user=request.user, visitor=visitor_of(request))


def _form_of(request: HttpRequest, pitch: Pitch, **typed) -> tuple[Comment | None, dict]:
    """The posted form, and the comment that it answers.

    If that is gone, the text can be sent again as a comment of its own.
    """
    posted = request.POST.get("parent", "")
    if not posted:
        return None, pages.new_form(request, pitch, **typed)
    parents = pitch.comments.published().select_related("author__profile")
    parent = parents.filter(pk=pages.comment_id(posted)).first()
    if parent is None:
        context = pages.new_form(request, pitch, **typed)
        if context["form"].is_bound:
            context["form"].add_error(None, str(posting.ParentGone()))
        return None, context
    parent.pitch = pitch
    return parent, pages.reply_form(request, parent, **typed)


def _form_again(
    request: HttpRequest, context: dict, error: Exception | None = None
) -> HttpResponse:
    """The form with its errors and everything that was typed."""
    form, status = context["form"], UNPROCESSABLE
    if isinstance(error, posting.ParentGone):
        context = pages.new_form(request, context["pitch"], data=request.POST)
        context["form"].add_error(None, str(error))
    elif isinstance(error, posting.Empty | text.TooLong):
        form.add_error("body", _words(error))
    elif error is not None:
        form.add_error(None, str(error))
    if isinstance(error, posting.TooFast):
        status = TOO_MANY
    template = "comments/_form.html" if request.htmx else "comments/form.html"
    context["event"] = context["pitch"].event
    response = render(request, template, context, status=status)
    if isinstance(error, posting.TooFast):
        response["Retry-After"] = str(int(error.wait.total_seconds()))
    return response


def _words(error: Exception) -> str:
    return error.messages[0] if isinstance(error, text.TooLong) else str(error)


def _discussion(
    request: HttpRequest,
    pitch: Pitch,
    comment: Comment | None = None,
    *,
    visitor: uuid.UUID | None = None,
) -> HttpResponse:
    """After a change: back to the page, or the whole discussion anew for htmx."""
    anchor = comment.anchor if comment else "discussion"
    if not request.htmx:
        return HttpResponseRedirect(f"{pitch.get_absolute_url()}#{anchor}", status=303)
    now = timezone.now()
    context = pages.discussion(request, pitch, now=now, fresh=comment, visitor=visitor)
    response = render(request, "comments/_answer.html", context)
    response["HX-Retarget"] = "#discussion"
    response["HX-Reswap"] = f"outerHTML show:#{anchor}:top"
    return response


def _likes(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(comment.get_absolute_url(), status=303)
    row = Comment.objects.with_like_count().with_authors().filter(pk=comment.pk).first()
    if row is None:
        raise Http404
    entry = threads.entry(row, user=request.user, now=timezone.now())
    context = {"entry": entry, "may_like": likes.is_open(comment.pitch), "oob": True}
    return render(request, "comments/_likes_answer.html", context)
