"""The moderation queue: what waits comes first, and nobody edits the words of others."""

import datetime as dt
from collections import Counter

from django.contrib import admin, messages
from django.db.models import Case, Count, Prefetch, Q, When
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments import bans, closures, moderation
from comments.admin.actions import ACTIONS, QueueForm
from comments.admin.desk import DiscussionDesk
from comments.models import Comment, Filter, Flag, HouseRule, TurnedAway
from config.lib import text
from sessions.admin import cells, filters
from sessions.admin.overview import Fact
from sessions.admin.site import regie

HOLDING = (
    Filter.DUPLICATE,
    Filter.WORDS,
    Filter.LINKS,
    Filter.FIRST_POST,
    Filter.FLAGS,
    Filter.DOMAIN,
)
WAITING_FIRST = Case(When(state=Comment.State.AWAITING_MODERATION, then=0), default=1)
EXCERPT = 500


class HeldBecause(filters.ChoiceFilter):
    title, parameter_name, field = _("held because"), "because", "held_because"

    def lookups(self, request, model_admin):
        return [(reason.value, reason.label) for reason in HOLDING]


class Reported(filters.ChoiceFilter):
    title, parameter_name = _("reports"), "reported"

    def lookups(self, request, model_admin):
        return [("yes", _("with new reports"))]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=Flag.objects.unreviewed().values("comment"))


class CommentAdmin(DiscussionDesk):
    event_path = "pitch__event_id"
    moderating = True
    nav_order = 40
    list_display = ["written", "who", "beginning", "standing", "reported", "below"]
    list_display_links = ["written"]
    list_filter = [
        filters.by_event("pitch__event_id", moderating=True),
        filters.choices(_("state"), "state", "state", Comment.State),
        HeldBecause,
        Reported,
    ]
    search_fields = ["body", "guest_name", "author__profile__name", "pitch__title"]
    list_select_related = ["pitch__event", "author__profile"]
    ordering = [WAITING_FIRST, "-created_at", "-pk"]
    actions = ACTIONS
    action_form = QueueForm
    fields = [
        "words", "standing", "reported", "who", "below", "discussion", "written", "edited_at",
        "acts",
    ]  # fmt: skip

    def get_queryset(self, request):
        reports = Flag.objects.unreviewed().order_by("pk")
        rows = super().get_queryset(request).select_related("pitch__event", "author__profile")
        return rows.prefetch_related(Prefetch("flags", reports, to_attr="reports"))

    def has_change_permission(self, request, obj=None):
        return False

    def each(self, request, comments, verb):
        """Say ``verb`` to each; what cannot be is told one by one. Returns how many it was."""
        done = 0
        for comment in comments:
            try:
                verb(comment)
            except (moderation.NotPossible, bans.NotBannable) as refusal:
                messages.error(request, f"{_beginning(comment)}: {refusal}")
            else:
                done += 1
        return done

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if obj and obj.is_published else None

    def heading(self, obj):
        return _beginning(obj)

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
        yield from _turned_away(events, now - dt.timedelta(days=7))

    @admin.display(description=_("comment"))
    def beginning(self, comment):
        return text.excerpt(comment.body, EXCERPT) or _("(empty)")

    @admin.display(description=_("who"))
    def who(self, comment):
        name, kind = comment.guest_name or "–", _("guest")
        if comment.author_id:
            name, kind = cells.person(comment.author), _("member")
        elif comment.origin != Comment.Origin.HERE:
            kind = comment.get_origin_display()
        return format_html('{} <span class="chip">{}</span>', name, kind)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, comment):
        """With the reason, and what the moderators noted."""
        why = [comment.get_held_because_display(), comment.get_removed_because_display()]
        said = [comment.get_state_display(), *filter(None, [*why, comment.removed_reason])]
        return format_html_join(mark_safe("<br>"), "{}", ((part,) for part in said))

    @admin.display(description=_("reports"))
    def reported(self, comment):
        """Reasons with their numbers, then the notes."""
        counts = Counter(flag.reason for flag in comment.reports)
        parts = [f"{n} × {HouseRule(reason).label}" for reason, n in counts.most_common()]
        parts += [_("“%(note)s”") % {"note": flag.note} for flag in comment.reports if flag.note]
        return format_html_join(mark_safe("<br>"), "{}", ((part,) for part in parts))

    @admin.display(description=_("pitch"), ordering="pitch__title")
    def below(self, comment):
        at = comment if comment.is_published else comment.pitch
        return format_html('<a href="{}">{}</a>', at.get_absolute_url(), comment.pitch.title)

    @admin.display(description=_("written"), ordering="created_at")
    def written(self, comment):
        return cells.day(comment.created_at)

    @admin.display(description=_("comment"))
    def words(self, comment):
        return format_html('<div class="as-typed">{}</div>', comment.body)

    @admin.display(description=_("discussion"))
    def discussion(self, comment):
        closed = closures.of(comment.pitch)
        if closed.whole:
            return _("closed below the whole pitch")
        return _("this thread is closed") if closed.covers(comment) else _("open")

    @admin.display(description=_("moderation"))
    def acts(self, comment):
        rows = comment.acts.newest_first().select_related("actor__profile")
        lines = ((cells.day(act.at), cells.person(act.actor), _what(act)) for act in rows)
        return format_html_join(mark_safe("<br>"), "{} · {} · {}", lines)


def _beginning(comment):
    return text.excerpt(comment.body, 120) or _("(empty)")


def _what(act):
    said = (act.get_kind_display(), act.get_rule_display(), act.note)
    return " · ".join(str(part) for part in said if part)


def _turned_away(events, since: dt.datetime):
    """How much was refused and why, most often first; nothing of it is kept."""
    refused: dict[int, Counter] = {}
    rows = TurnedAway.objects.filter(event__in=events, at__gte=since).order_by()
    for event, reason, n in rows.values_list("event", "reason").annotate(n=Count("pk")):
        refused.setdefault(event, Counter())[Filter(reason).label] += n
    for event, reasons in refused.items():
        number = reasons.total()
        label = ngettext("%(n)d text refused in 7 days", "%(n)d texts refused in 7 days", number)
        parts = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        yield event, Fact(number, f"{label % {'n': number}}: {parts}")


regie.register(Comment, CommentAdmin)
