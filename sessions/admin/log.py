"""The log of an event: who decided, hid, moved and published, to be read only."""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions.admin import cells, filters
from sessions.admin.desk import Desk, ReadOnly
from sessions.admin.site import regie
from sessions.models import LogEntry, Proposal

STATES = dict(Proposal.State.choices)


class LogAdmin(ReadOnly, Desk):
    nav_order = 60
    list_display = ["when", "who", "action", "about", "more"]
    list_display_links = None
    list_filter = [
        filters.by_event(),
        filters.choices(_("what"), "action", "action", LogEntry.Action),
    ]
    search_fields = ["pitch__title", "proposal__title", "actor__profile__name"]
    list_select_related = ["event", "actor__profile", "pitch", "proposal__pitch"]
    ordering = ["-at", "-pk"]
    fields = ["when", "who", "action", "about", "more"]

    @admin.display(description=_("when"), ordering="at")
    def when(self, entry):
        return cells.day(entry.at)

    @admin.display(description=_("who"))
    def who(self, entry):
        return cells.person(entry.actor)

    @admin.display(description=_("about"))
    def about(self, entry):
        return entry.proposal or entry.pitch or entry.event

    @admin.display(description=_("details"))
    def more(self, entry):
        return said(entry.details)


def said(details) -> str:
    """The details that people understand: a state, a reason, a version."""
    if not isinstance(details, dict):
        return ""
    parts = []
    if "to" in details:
        before, after = (STATES.get(details.get(key), "–") for key in ("from", "to"))
        parts.append(f"{before} → {after}")
    if "into" in details:
        parts.append(gettext("into %(code)s") % {"code": details["into"]})
    if "with" in details:
        parts.append(gettext("with %(code)s") % {"code": details["with"]})
    if details.get("reason"):
        parts.append(str(details["reason"]))
    if "version" in details:
        parts.append(gettext("version %(n)s") % {"n": details["version"]})
    return " · ".join(parts)


regie.register(LogEntry, LogAdmin)
