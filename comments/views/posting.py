"""Every action is a plain form that answers 303; htmx gets the fragment of the same page.

A form with errors comes again with everything that was typed, as 422; too many at once, as 429.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comments import filters, leaving, markup, paging, posting, rates, refusals, writing
from comments.filters import Sent
from comments.forms import BodyForm
from comments.models import Comment, Filter
from comments.views import answers, finding
from config.lib import text
from config.lib.http import address_prefix, remember_visitor, visitor_of
from sessions.models import Pitch

UNPROCESSABLE, TOO_MANY = 422, 429
NOT_TAKEN = (refusals.Refused, markup.Empty, text.TooLong, rates.TooMany)


@login_not_required
@require_POST
def post(request: HttpRequest, code: str) -> HttpResponse:
    """A new comment, or an answer when the form names its ``parent``."""
    pitch = finding.enter(request, code=code)
    parent, context = _form_of(request, pitch, data=request.POST)
    form, visitor, now = context["form"], visitor_of(request), timezone.now()
    refused = posting.refusal(pitch, request.user, visitor=visitor, parent=parent)
    if refused:
        form.add_error(None, str(refused))
    if not form.is_valid():
        if reason := Filter.SIZE if "body" in form.errors else refused and refused.reason:
            filters.note(pitch.event, reason, now=now)
        return _form_again(request, context)
    user = request.user if request.user.is_authenticated else None
    try:
        posted = posting.post(
            pitch,
            by=user,
            guest=None if user else form.guest(visitor),
            parent=parent,
            proposal=form.proposal,
            body=form.cleaned_data["body"],
            sent=_sent(request),
            now=now,
        )
    except NOT_TAKEN as error:
        return _form_again(request, context, error)
    messages.success(request, _what_next(posted))
    visitor = posted.comment.visitor if posted.is_new else None  # never hand out a stranger's
    response = answers.discussion(request, pitch, posted.comment, visitor=visitor)
    if visitor:
        remember_visitor(response, visitor)
    return response


@login_not_required
@require_POST
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The typed text as it will look; without htmx on a page above the form."""
    pitch = finding.enter(request, code=code)
    _parent, context = _form_of(request, pitch, initial=request.POST.dict())
    context["preview"] = body = BodyForm(request.POST)
    if body.is_valid():
        hosts = posting.mentionable(pitch)
        try:
            context["preview_html"] = markup.rendered(body.cleaned_data["body"], hosts=hosts)
        except markup.Empty as error:
            body.add_error("body", str(error))
    if request.htmx:
        return render(request, "comments/_preview.html", context)
    return render(request, "comments/form.html", {**context, "event": pitch.event})


@login_not_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    comment = finding.comment(request, pk, _own(request))
    form = BodyForm(
        request.POST if request.method == "POST" else None,
        initial={"body": comment.body},
        auto_id=f"edit-{pk}-%s",
    )
    context, refused = {"form": form, "comment": comment, "event": comment.pitch.event}, None
    if request.method == "POST" and form.is_valid():
        try:
            edited = posting.edit(comment, body=form.cleaned_data["body"], now=timezone.now())
        except NOT_TAKEN as error:
            refused = error
            form.add_error("body", _words(error))
        else:
            messages.success(request, _what_changed(edited))
            return answers.discussion(request, comment.pitch, edited)
    template = "comments/_edit_form.html" if request.htmx else "comments/edit.html"
    if not form.errors:
        return render(request, template, context)
    return _not_taken(render(request, template, context), refused)


@login_not_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment = finding.comment(request, pk, _own(request))
    if request.method == "POST":
        leaving.delete(comment, now=timezone.now())
        messages.success(
            request, _("Your comment is deleted. You can take that back for 10 minutes.")
        )
        return answers.discussion(request, comment.pitch, comment)
    has_replies = comment.replies.exists()
    context = {"comment": comment, "event": comment.pitch.event, "has_replies": has_replies}
    return render(request, "comments/delete.html", context)


@login_not_required
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a deletion back."""
    comment = finding.comment(request, pk, _own(request, Comment.objects.all()))
    try:
        comment = leaving.undo(comment, now=timezone.now())
    except refusals.Gone as error:
        messages.error(request, str(error))
        return answers.discussion(request, comment.pitch)
    messages.success(request, _("Your comment is back."))
    return answers.discussion(request, comment.pitch, comment)


def _own(request: HttpRequest, among=None):
    """Comments of the account or the browser; everybody else's do not exist."""
    among = Comment.objects.standing() if among is None else among
    return among.written_by(user=request.user, visitor=visitor_of(request))


def _sent(request: HttpRequest) -> Sent:
    """What a form sends unseen; ``subject`` is the trap."""
    said = request.POST.get
    return Sent(trap=said("subject", ""), stamp=said("stamp", ""), net=address_prefix(request))


def _what_next(posted: posting.Posted) -> str:
    """After posting: where the comment is now."""
    state = posted.comment.state
    if state == Comment.State.AWAITING_EMAIL:
        return _("One more step: open the link in the mail that we have sent you.")
    if state == Comment.State.AWAITING_MODERATION:
        return _("Your comment is waiting for approval.")
    if not posted.is_new:
        return _("Your comment is here already.")
    return _("Thank you, your comment is published.")


def _what_changed(edited: Comment) -> str:
    if edited.state == Comment.State.AWAITING_MODERATION:
        return _("Your comment is changed and waits for approval.")
    return _("Your comment is changed.")


def _form_of(request: HttpRequest, pitch: Pitch, **typed) -> tuple[Comment | None, dict]:
    """The posted form, and the comment that it answers.

    If that is gone, the text can be sent again as a comment of its own.
    """
    posted = request.POST.get("parent", "")
    if not posted:
        return None, writing.new_form(request, pitch, **typed)
    parents = pitch.comments.published().select_related("author__profile")
    parent = parents.filter(pk=paging.number(posted)).first()
    if parent is None:
        context = writing.new_form(request, pitch, **typed)
        if context["form"].is_bound:
            context["form"].add_error(None, str(refusals.ParentGone()))
        return None, context
    parent.pitch = pitch
    return parent, writing.reply_form(request, parent, **typed)


def _form_again(
    request: HttpRequest, context: dict, error: Exception | None = None
) -> HttpResponse:
    """The form with its errors and everything that was typed."""
    form = context["form"]
    if isinstance(error, refusals.ParentGone):
        context = writing.new_form(request, context["pitch"], data=request.POST)
        context["form"].add_error(None, str(error))
    elif isinstance(error, markup.Empty | text.TooLong):
        form.add_error("body", _words(error))
    elif error is not None:
        form.add_error(None, str(error))
    template = "comments/_form.html" if request.htmx else "comments/form.html"
    context["event"] = context["pitch"].event
    return _not_taken(render(request, template, context), error)


def _not_taken(response: HttpResponse, error: Exception | None) -> HttpResponse:
    response.status_code = UNPROCESSABLE
    if isinstance(error, rates.TooMany):
        response.status_code = TOO_MANY
        response["Retry-After"] = str(error.seconds)
    return response


def _words(error: Exception) -> str:
    return error.messages[0] if isinstance(error, text.TooLong) else str(error)
