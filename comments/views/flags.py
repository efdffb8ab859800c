"""A reader's report of a comment: a small page with a form, in place for htmx."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comments import flags, rates
from comments.flag_forms import FlagForm
from comments.models import Comment
from comments.views import answers, finding
from config.lib.http import visitor_of

UNPROCESSABLE, TOO_MANY = 422, 429


@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is wrong with a comment; nobody but moderators learns who said it."""
    comment = finding.comment(request, pk, Comment.objects.published())
    form = FlagForm(request.POST or None, auto_id=f"flag-{pk}-%s")
    if request.method == "GET" or not form.is_valid():
        return _page(request, comment, form, status=UNPROCESSABLE if form.errors else 200)
    try:
        flags.add(
            comment,
            by=request.user,
            now=timezone.now(),
            visitor=visitor_of(request),
            **form.cleaned_data,
        )
    except rates.TooMany as error:
        form.add_error(None, str(error))
        response = _page(request, comment, form, status=TOO_MANY)
        response["Retry-After"] = str(error.seconds)
        return response
    except flags.NotFlaggable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. The moderators will look at this comment."))
    still_there = Comment.objects.published().filter(pk=pk).exists()
    return answers.discussion(request, comment.pitch, comment if still_there else None)


def _page(
    request: HttpRequest, comment: Comment, form: FlagForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "comment": comment, "event": comment.pitch.event}
    template = "comments/_flag_form.html" if request.htmx else "comments/flag.html"
    return render(request, template, context, status=status)
