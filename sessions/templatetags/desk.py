"""The pages of one event in the desk, as tabs above each of them."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from sessions.admin.reach import reach

register = template.Library()

# In the order of an organiser's work. A page that is not mounted has no tab; one whose name begins
# with a tab's name and "_" belongs to it.
TABS = {
    "admin:program_event_change": _("Settings"),
    "admin:program_event_review": _("Review"),
    "admin:program_event_announce": _("Announce"),
    "admin:program_event_outbox": _("Outbox"),
    "admin:program_event_mail_templates": _("Mail templates"),
    "admin:program_event_board": _("Board"),
    "admin:program_event_plan": _("Suggestion"),
    "admin:program_event_live": _("On the day"),
    "admin:program_event_print": _("Print"),
    "admin:program_event_numbers": _("Numbers"),
    "admin:program_event_tables": _("Import and export"),
    "admin:comments_rules_change": _("Rules of the discussion"),
}


@register.simple_tag(takes_context=True)
def desk_tabs(context, event):
    """The pages of ``event`` for whoever organises it, nothing for others; asks nothing more."""
    request = context["request"]
    if not reach(request).covers(event.pk):
        return []
    here = request.resolver_match.view_name
    return [
        {"url": url, "label": label, "is_current": here == name or here.startswith(f"{name}_")}
        for name, label in TABS.items()
        if (url := _address(name, event))
    ]


def _address(name, event):
    try:
        return reverse(name, args=[event.pk])
    except NoReverseMatch:
        return ""
