"""Which pages elsewhere were told that a pitch links to them, and what came of it."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from comments.admin.desk import DiscussionDesk
from comments.mentions.send import Failure
from comments.models import Outgoing
from sessions.admin import cells, filters
from sessions.admin.desk import ReadOnly
from sessions.admin.site import regie


class OutgoingAdmin(ReadOnly, DiscussionDesk):
    event_path = "pitch__event_id"
    list_display = ["page", "below", "standing", "told"]
    list_display_links = None
    list_filter = [
        filters.by_event("pitch__event_id"),
        filters.choices(_("state"), "state", "state", Outgoing.State),
    ]
    search_fields = ["target", "pitch__title"]
    list_select_related = ["pitch__event"]
    ordering = ["-due_at", "-pk"]
    fields = ["page", "below", "standing", "told"]

    @admin.display(description=_("linked page"), ordering="target")
    def page(self, row):
        return format_html('<a href="{0}" rel="nofollow noopener">{0}</a>', row.target)

    @admin.display(description=_("pitch"), ordering="pitch__title")
    def below(self, row):
        return row.pitch.title

    @admin.display(description=_("state"), ordering="state")
    def standing(self, row):
        said = row.get_state_display()
        if not row.is_linked:
            said = _("%(state)s, link removed") % {"state": said}
        if not row.failure:
            return said
        why = Failure(row.failure).label
        return format_html('{}<br><span class="small quiet">{}</span>', said, why)

    @admin.display(description=_("sent"), ordering="sent_at")
    def told(self, row):
        return cells.day(row.sent_at)


regie.register(Outgoing, OutgoingAdmin)
