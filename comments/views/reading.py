"""Ways into a discussion: the address of one comment, the form below it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from comments import posting, writing
from comments.models import Comment
from comments.views import finding


@login_not_required
@require_GET
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(finding.comment(request, pk, Comment.objects.in_thread()).get_absolute_url())


@login_not_required
@require_GET
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an answer, in place for htmx, else on the pitch page."""
    comment = finding.comment(request, pk, Comment.objects.published())
    if request.htmx and posting.refusal(comment.pitch, request.user) is None:
        return render(request, "comments/_form.html", writing.reply_form(request, comment))
    return redirect(f"{comment.pitch.get_absolute_url()}?reply_to={pk}#reply-{pk}")
