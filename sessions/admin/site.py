"""The desk: Django's admin behind our log-in, for people with a role in an event."""

from functools import update_wrapper

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from config.lib.http import next_url
from sessions.admin.reach import reach
from speakers import accounts

# Accounts log in, out and change their password where everybody does; Django's
# ``view_on_site`` would tell anyone of the staff the address of any object.
NOT_OURS = frozenset({"logout", "password_change", "password_change_done", "view_on_site"})


class Regie(AdminSite):
    """The organisers' desk."""

    site_title = _("Desk")
    site_header = _("Desk")
    index_title = _("Desk")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name="admin"):
        super().__init__(name)
        self.disable_action("delete_selected")

    def get_urls(self):
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_OURS]

    def has_permission(self, request):
        return bool(reach(request))

    def admin_view(self, view, cacheable=False):
        """Strangers log in; an account without a role gets 403, not a log-in form again."""
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if accounts.needs_second_factor(request.user):
                return ask_for_second_factor(request)
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        """Everybody logs in at the same place."""
        after = next_url(request, reverse("admin:index"))
        if request.user.is_authenticated:
            return HttpResponseRedirect(after)
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': after})}")

    def each_context(self, request):
        return {**super().each_context(request), "desk_nav": self.navigation(request)}

    def navigation(self, request):
        """The lists that this person may open, in the order of an organiser's work."""
        shown = [
            desk
            for desk in self._registry.values()
            if desk.nav_order is not None and desk.has_view_permission(request)
        ]
        for desk in sorted(shown, key=lambda desk: desk.nav_order):
            url = reverse(f"admin:{desk.opts.app_label}_{desk.opts.model_name}_changelist")
            yield {
                "name": desk.opts.verbose_name_plural,
                "url": url,
                "current": request.path.startswith(url),
            }

    def get_log_entries(self, request):
        """Nothing: pghistory keeps what happened, see ``sessions.admin.history``."""
        return ()

    def index(self, request, extra_context=None):
        from sessions.admin import overview  # it needs the registered models

        context = {
            **self.each_context(request),
            "title": self.index_title,
            "desks": overview.desks(self, request, now=timezone.now()),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)


def ask_for_second_factor(request):
    messages.info(
        request,
        _("The desk opens when your account has an authenticator app or a passkey. Set one up."),
    )
    return redirect("mfa_index")


regie = Regie(name="admin")
