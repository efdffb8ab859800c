"""How an event moderates, who is banned from it, and what its moderators did."""

from django.contrib import admin, messages
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments import bans
from comments.admin.desk import DiscussionDesk
from comments.models import Act, Ban, Rules
from sessions.admin import cells, filters
from sessions.admin.desk import ReadOnly
from sessions.admin.reach import reach
from sessions.admin.site import regie
from sessions.models import Event


class RulesAdmin(DiscussionDesk):
    """The number of an event's rules is the event's own; they are stored when first saved."""

    list_display = ["event", "first_comment", "links_to_hold", "flags_to_hide", "takes_mentions"]
    list_display_links = ["event"]
    list_select_related = ["event"]
    ordering = ["-event__starts_on", "pk"]
    actions = None
    fields = ["first_comment", "links_to_hold", "flags_to_hide", "words", "takes_mentions"]

    def get_object(self, request, object_id, from_field=None):
        try:
            return super().get_object(request, object_id, from_field)
        except Http404:
            events = self.admin_site.get_model_admin(Event)
            return Rules(event=events.get_object(request, object_id))

    def changelist_view(self, request, extra_context=None):
        standard = reach(request).of_events().filter(discussion_rules=None)
        return super().changelist_view(request, {"standard": standard, **(extra_context or {})})


@admin.action(description=_("Lift the ban"))
def lift(desk, request, queryset):
    done = len(queryset)
    for ban in queryset:
        bans.lift(ban, by=request.user, now=timezone.now())
    message = ngettext("%(n)d ban is lifted.", "%(n)d bans are lifted.", done)
    messages.success(request, message % {"n": done})


class BanAdmin(DiscussionDesk):
    moderating = True
    list_display = ["who", "event", "note", "banned_by", "since"]
    list_display_links = ["who"]
    list_filter = [filters.by_event(moderating=True)]
    search_fields = ["user__profile__name", "note"]
    list_select_related = ["event", "user__profile", "by__profile"]
    ordering = ["-created_at", "-pk"]
    actions = [lift]
    fields = ["who", "event", "note", "banned_by", "since"]

    def has_change_permission(self, request, obj=None):
        return False

    def heading(self, obj):
        return self.who(obj)

    def response_action(self, request, queryset):
        """A ban that is lifted has no page to go back to."""
        request.POST = request.POST.copy()
        request.POST.pop("next", None)
        return super().response_action(request, queryset)

    @admin.display(description=_("who"))
    def who(self, ban):
        """A guest's address is hinted at only."""
        if ban.user_id:
            return cells.person(ban.user)
        name, _at, domain = ban.email.partition("@")
        hint = f"{name[:1]}…@{domain}" if ban.email else _("a browser")
        return format_html('{} <span class="chip">{}</span>', hint, _("guest"))

    @admin.display(description=_("by"))
    def banned_by(self, ban):
        return cells.person(ban.by)

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, ban):
        return cells.day(ban.created_at)


class ActAdmin(ReadOnly, DiscussionDesk):
    moderating = True
    list_display = ["when", "who", "kind", "rule", "note", "about", "below"]
    list_display_links = None
    list_filter = [
        filters.by_event(moderating=True),
        filters.choices(_("what"), "kind", "kind", Act.Kind),
    ]
    search_fields = ["pitch__title", "note", "actor__profile__name"]
    list_select_related = ["event", "actor__profile", "pitch", "comment"]
    ordering = ["-at", "-pk"]
    fields = ["when", "who", "kind", "rule", "note", "about", "below"]

    @admin.display(description=_("when"), ordering="at")
    def when(self, act):
        return cells.day(act.at)

    @admin.display(description=_("who"))
    def who(self, act):
        return cells.person(act.actor) if act.actor_id else _("readers")

    @admin.display(description=_("comment"))
    def about(self, act):
        if not act.comment_id:
            return "–"
        url = reverse("admin:comments_comment_change", args=[act.comment_id])
        return format_html('<a href="{}">{}</a>', url, _("Comment"))

    @admin.display(description=_("pitch"))
    def below(self, act):
        return act.pitch.title if act.pitch else "–"


for model, desk in ((Rules, RulesAdmin), (Ban, BanAdmin), (Act, ActAdmin)):
    regie.register(model, desk)
