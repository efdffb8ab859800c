"""Ways into a discussion: the address of one comment, the form below it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from comments import posting, writing
from comments.models import Comment
from comments.views import finding
from config.lib.http import visitor_of
from sessions import access


@login_not_required
@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """To the comment, whichever page it stands on; held ones exist for few."""
    comment = finding.comment(request, pk, Comment.objects.all())
    seen = comment.pitch.comments.in_thread(
        user=request.user,
        visitor=visitor_of(request),
        moderates=access.moderates(request.user, comment.pitch.event),
    )
    if not seen.filter(pk=pk).exists():
        raise Http404
    return redirect(comment.get_absolute_url())


@login_not_required
@require_safe
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an answer, in place for htmx, else on the pitch page."""
    comment = finding.comment(request, pk, Comment.objects.published())
    refused = posting.refusal(
        comment.pitch, request.user, visitor=visitor_of(request), parent=comment
    )
    if request.htmx and refused is None:
        return render(request, "comments/_form.html", writing.reply_form(request, comment))
    return redirect(f"{comment.pitch.get_absolute_url()}?reply_to={pk}#reply-{pk}")
