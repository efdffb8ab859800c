"""One's own data: to see, to take along, to erase; for members and for guests."""

import datetime as dt

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import proofs
from comments import rights as in_discussions
from config import rights
from config.lib import http, records
from config.rights_forms import CommentsForm, EraseForm, GuestForm
from sessions import rights as in_events
from sessions.rights import LastOrganiser
from speakers import accounts
from speakers.rights import LastSuperuser

PROVED_WITHIN = dt.timedelta(minutes=15)


@never_cache
@require_safe
def my_data(request):
    return render(request, "rights/my_data.html", {"sections": rights.exported(request.user)})


@never_cache
@require_safe
def my_data_json(request):
    return _download(rights.exported(request.user))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_me(request):
    """Only shortly after a log-in: a browser left open must not be enough."""
    user, now = request.user, timezone.now()
    if not _proved_lately(request, now):
        if get_adapter().get_reauthentication_methods(user):
            raise ReauthenticationRequired
        return render(request, "rights/prove.html")
    fate = in_events.leaving(user, keep=False)
    form = EraseForm(request.POST or None, email=user.email, has_pitches=bool(fate.emptied))
    with transaction.atomic():
        refusal = rights.refusal(user)
    if refusal is None and form.is_valid():
        try:
            rights.erase(
                user,
                keep_comments=form.keeps("comments"),
                keep_pitches=form.keeps("pitches"),
                now=now,
            )
        except (LastOrganiser, LastSuperuser) as error:
            refusal = error
        else:
            return _farewell(request)
    context = {"form": form, "fate": fate, "refusal": refusal}
    return render(request, "rights/erase_me.html", context, status=409 if refusal else 200)


@require_POST
def prove_me(request):
    """Log out and mail a code; with it one is back at the page on which one erases oneself."""
    name, email = accounts.display_name(request.user), request.user.email
    language = request.user.language
    logout(request)
    return accounts.begin(
        request, name=name, email=email, language=language, next_url=reverse("erase_me")
    )


def _proved_lately(request, now: dt.datetime) -> bool:
    proved = get_authentication_records(request, request.user)[-1:]
    return bool(proved) and now.timestamp() - proved[0]["at"] < PROVED_WITHIN.total_seconds()


def _farewell(request) -> HttpResponse:
    """The last page, in the language that it began in; the browser is forgotten, too."""
    language = translation.get_language()
    logout(request)
    with translation.override(language):
        response = render(request, "rights/erased.html")
    http.forget_visitor(response)
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest_data(request):
    """The same answer whether or not anything is known of an address: it is mailed there."""
    form, wait_seconds = GuestForm(request.POST or None), 0
    if form.is_valid():
        try:
            proofs.ask(
                form.cleaned_data["email"],
                net=http.address_prefix(request),
                language=translation.get_language(),
                now=timezone.now(),
            )
        except proofs.TooMany as error:
            form.add_error(None, str(error))
            wait_seconds = error.seconds
        else:
            return redirect(f"{request.path}?asked=1")
    context = {"form": form, "was_asked": "asked" in request.GET and not form.is_bound}
    status = 429 if wait_seconds else 200
    response = render(request, "rights/guest_data.html", context, status=status)
    if wait_seconds:
        response["Retry-After"] = str(wait_seconds)
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guest_data_open(request, token):
    now = timezone.now()
    try:
        email = proofs.address_of(token, now=now)
    except proofs.Expired:
        return render(request, "rights/guest_expired.html", status=404)
    form = CommentsForm(request.POST or None)
    if form.is_valid():
        rights.erase_guest(email, keep_comments=form.keeps("comments"), now=now)
        return render(request, "rights/erased.html", {"email": email})
    context = {
        "email": email,
        "token": token,
        "form": form,
        "sections": rights.exported_of_guest(email),
        "has_comments": in_discussions.comments_by_guest(email).exists(),
    }
    return render(request, "rights/guest_data_open.html", context)


@login_not_required
@never_cache
@require_safe
def guest_data_json(request, token):
    try:
        email = proofs.address_of(token, now=timezone.now())
    except proofs.Expired:
        return render(request, "rights/guest_expired.html", status=404)
    return _download(rights.exported_of_guest(email))


def _download(sections: list[records.Section]) -> JsonResponse:
    name = _("my-data") + f"-{timezone.localdate():%Y-%m-%d}.json"
    return JsonResponse(
        records.as_json(sections),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
