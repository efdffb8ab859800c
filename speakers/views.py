from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.lib.http import next_url
from config.lib.text import render_markdown
from speakers import accounts
from speakers.forms import IdentifyForm, ProfileForm
from speakers.models import Profile
from speakers.models.profile import TEXT_MAX_LENGTH


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request):
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
def overview(request):
    return render(request, "account/overview.html")


@login_not_required
@require_safe
def profile(request, slug):
    profile = get_object_or_404(Profile.objects.public().select_related("user"), slug=slug)
    text = render_markdown(profile.text, max_length=TEXT_MAX_LENGTH)
    return render(request, "speakers/profile.html", {"profile": profile, "text": text})


@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request):
    profile = accounts.profile_of(request.user)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=profile)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect(profile)
    return render(request, "speakers/profile_edit.html", {"form": form, "profile": profile})
