from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from config.lib.http import next_url
from speakers import accounts
from speakers.forms import IdentifyForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    target = next_url(request, default=resolve_url("account"))
    if request.user.is_authenticated:
        return redirect(target)
    form = IdentifyForm(request.POST or None)
    if form.is_valid():
        return accounts.begin(
            request,
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            language=translation.get_language(),
            next_url=target,
        )
    return render(request, "account/signup.html", {"form": form, "target": target})


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "account/overview.html")
