"""Comments in the desk: organisers and moderators hide and restore, nobody edits."""

import datetime as dt

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments import moderation
from comments.models import Comment
from config.lib import text
from sessions.admin import cells, filters
from sessions.admin.desk import Desk, DeskActionForm, LineField
from sessions.admin.overview import Fact
from sessions.admin.site import regie

REASON_MAX = Comment._meta.get_field("removed_reason").max_length


class ReasonForm(DeskActionForm):
    reason = LineField(
        label=_("Reason"),
        required=False,
        max_length=REASON_MAX,
        widget=forms.TextInput(attrs={"id": "action-reason"}),
    )


@admin.action(description=_("Hide"))
def hide(desk, request, queryset):
    form = ReasonForm(request.POST)
    form.fields["action"].choices = [("hide", "")]
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("reason", [])))
        return
    reason = form.cleaned_data["reason"]
    done = desk.each(
        request,
        queryset,
        lambda comment: moderation.hide(
            comment, by=request.user, now=timezone.now(), reason=reason
        ),
    )
    if done:
        message = ngettext("%(n)d comment is hidden.", "%(n)d comments are hidden.", done)
        messages.success(request, message % {"n": done})


@admin.action(description=_("Restore"))
def restore(desk, request, queryset):
    done = desk.each(
        request,
        queryset,
        lambda comment: moderation.restore(comment, by=request.user, now=timezone.now()),
    )
    if done:
        message = ngettext("%(n)d comment is shown again.", "%(n)d comments are shown again.", done)
        messages.success(request, message % {"n": done})


class CommentAdmin(Desk):
    event_path = "pitch__event_id"
    moderating = True
    nav_order = 40
    list_display = ["beginning", "who", "standing", "below", "written"]
    list_display_links = ["beginning"]
    list_filter = [
        filters.by_event("pitch__event_id", moderating=True),
        filters.choices(_("state"), "state", "state", Comment.State),
    ]
    search_fields = ["body", "guest_name", "author__profile__name", "pitch__title"]
    list_select_related = ["pitch__event", "author__profile"]
    ordering = ["-created_at", "-pk"]
    actions = [hide, restore]
    action_form = ReasonForm
    fields = ["standing", "removed_reason", "who", "below", "written", "edited_at", "words"]

    def has_change_permission(self, request, obj=None):
        return False

    def each(self, request, comments, verb):
        """Say ``verb`` to each; what cannot be is told one by one. Returns how many it was."""
        done = 0
        for comment in comments:
            try:
                verb(comment)
            except moderation.NotPossible as refusal:
                messages.error(request, f"{self.beginning(comment)}: {refusal}")
            else:
                done += 1
        return done

    def get_view_on_site_url(self, obj=None):
        if obj is None or obj.state != Comment.State.PUBLISHED:
            return None
        return f"{obj.pitch.get_absolute_url()}#{obj.anchor}"

    def heading(self, obj):
        return self.beginning(obj)

    def facts(self, request, events, now: dt.datetime):
        url = reverse("admin:comments_comment_changelist")
        since = now - dt.timedelta(days=1)
        waiting = Q(state=Comment.State.AWAITING_MODERATION)
        counts = (
            Comment.objects.filter(pitch__event__in=events)
            .order_by()
            .values_list("pitch__event")
            .annotate(
                new=Count("pk", filter=Q(state=Comment.State.PUBLISHED, created_at__gte=since)),
                waiting=Count("pk", filter=waiting),
            )
        )
        for event, new, held in counts:
            label = ngettext("%(n)d comment in 24 hours", "%(n)d comments in 24 hours", new) % {
                "n": new
            }
            yield event, Fact(new, label, f"{url}?event={event}")
            if held:
                label = ngettext(
                    "%(n)d comment waits for approval", "%(n)d comments wait for approval", held
                ) % {"n": held}
                yield event, Fact(held, label, f"{url}?event={event}&state=awaiting_moderation")

    @admin.display(description=_("comment"))
    def beginning(self, comment):
        return text.excerpt(comment.body, 120) or _("(empty)")

    @admin.display(description=_("who"))
    def who(self, comment):
        if comment.author_id:
            return cells.person(comment.author)
        if comment.guest_name:
            return format_html('{} <span class="chip">{}</span>', comment.guest_name, _("guest"))
        return "–"

    @admin.display(description=_("state"), ordering="state")
    def standing(self, comment):
        return comment.get_state_display()

    @admin.display(description=_("pitch"), ordering="pitch__title")
    def below(self, comment):
        return comment.pitch.title

    @admin.display(description=_("written"), ordering="created_at")
    def written(self, comment):
        return cells.day(comment.created_at)

    @admin.display(description=_("comment"))
    def words(self, comment):
        return format_html('<div class="as-typed">{}</div>', comment.body)


regie.register(Comment, CommentAdmin)
