"""What the lists of discussions have in common."""

from django.urls import reverse

from sessions.admin.desk import Desk
from sessions.admin.site import regie


class DiscussionDesk(Desk):
    """A list of discussions: it leads to the others, so that one entry of the menu is enough."""

    nav_order = None

    def changelist_view(self, request, extra_context=None):
        beside = {"beside": [_entry(desk, self) for desk in _reached(request)]}
        return super().changelist_view(request, {**beside, **(extra_context or {})})


def _reached(request):
    """The queue first."""
    desks = [
        desk
        for desk in regie._registry.values()
        if isinstance(desk, DiscussionDesk) and desk.has_view_permission(request)
    ]
    return sorted(desks, key=lambda desk: desk.nav_order is None)


def _entry(desk, current):
    url = reverse(f"admin:comments_{desk.opts.model_name}_changelist")
    return {"name": desk.opts.verbose_name_plural, "url": url, "current": desk is current}
