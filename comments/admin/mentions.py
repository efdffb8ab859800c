"""Which pages elsewhere say that they link to a pitch, and what came of looking at them.

What is shown of one is a comment, and moderated as such.
"""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments.admin.desk import DiscussionDesk
from comments.mentions import receive
from comments.mentions.verify import Failure
from comments.models import Mention
from sessions.admin import cells, filters
from sessions.admin.site import regie

FAILURES = dict(Failure.choices)


@admin.action(description=_("Check again"))
def check_again(desk, request, queryset):
    now = timezone.now()
    done = sum(receive.again(mention, now=now) for mention in queryset)
    if done:
        message = ngettext(
            "%(n)d mention is checked again.", "%(n)d mentions are checked again.", done
        )
        messages.success(request, message % {"n": done})
    if left := len(queryset) - done:
        message = ngettext(
            "%(n)d mention was rejected and stays so.",
            "%(n)d mentions were rejected and stay so.",
            left,
        )
        messages.warning(request, message % {"n": left})


class MentionAdmin(DiscussionDesk):
    event_path = "pitch__event_id"
    moderating = True
    list_display = ["page", "below", "standing", "kind", "told", "looked"]
    list_display_links = ["standing"]
    list_filter = [
        filters.by_event("pitch__event_id", moderating=True),
        filters.choices(_("state"), "state", "state", Mention.State),
    ]
    search_fields = ["source", "pitch__title"]
    list_select_related = ["pitch__event", "comment"]
    ordering = ["-received_at", "-pk"]
    actions = [check_again]
    fields = ["page", "title", "below", "standing", "kind", "protocol", "shown", "told", "looked"]

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("source"), ordering="source")
    def page(self, row):
        return format_html('<a href="{0}" rel="nofollow noopener">{0}</a>', row.source)

    @admin.display(description=_("pitch"), ordering="pitch__title")
    def below(self, row):
        return row.pitch.title

    @admin.display(description=_("state"), ordering="state")
    def standing(self, row):
        parts = [row.get_state_display(), FAILURES.get(row.failure, "")]
        return ": ".join(str(part) for part in parts if part)

    @admin.display(description=_("comment"))
    def shown(self, row):
        if row.comment is None:
            return "–"
        url = reverse("admin:comments_comment_change", args=[row.comment_id])
        return format_html('<a href="{}">{}</a>', url, row.comment.get_state_display())

    @admin.display(description=_("received"), ordering="received_at")
    def told(self, row):
        return cells.day(row.received_at)

    @admin.display(description=_("checked"), ordering="checked_at")
    def looked(self, row):
        return cells.day(row.checked_at)


regie.register(Mention, MentionAdmin)
