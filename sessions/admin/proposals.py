"""Sessions in the desk: what is wanted, what is decided, and deciding."""

from dataclasses import replace

from django.contrib import admin, messages
from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Prefetch, Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sessions import content as contents
from sessions import decisions, pitching
from sessions.admin import cells, filters
from sessions.admin.desk import Desk
from sessions.admin.overview import Fact
from sessions.admin.site import regie
from sessions.models import Host, Pitch, Proposal

State = Proposal.State

# What an action does, and how the desk reports it.
DECISIONS = {
    "accept": (decisions.accept, _("Accept")),
    "waitlist": (decisions.waitlist, _("Put on the waiting list")),
    "decline": (decisions.decline, _("Decline")),
    "cancel": (decisions.cancel, _("Cancel the session")),
}
PREPARED = {
    "prepare_accept": (State.ACCEPTED, _("Prepare: accept")),
    "prepare_waitlist": (State.WAITLISTED, _("Prepare: waiting list")),
    "prepare_decline": (State.DECLINED, _("Prepare: decline")),
    "take_back": ("", _("Take the prepared decision back")),
}


def decision(name):
    verb, label = DECISIONS[name]

    @admin.action(description=label)
    def act(desk, request, queryset):
        done = desk.each(request, queryset, lambda proposal: verb(proposal, by=request.user))
        if done:
            message = ngettext(
                "%(n)d session: %(state)s. E-mails go to all whom it concerns.",
                "%(n)d sessions: %(state)s. E-mails go to all whom it concerns.",
                len(done),
            )
            state = done[0].get_state_display()
            messages.success(request, message % {"n": len(done), "state": state})

    act.__name__ = name
    return act


def preparation(name):
    state, label = PREPARED[name]

    @admin.action(description=label)
    def act(desk, request, queryset):
        done = desk.each(
            request,
            queryset,
            lambda proposal: decisions.prepare(proposal, state, by=request.user),
        )
        if done:
            message = ngettext(
                "%(n)d session: decision noted. Only organisers see it.",
                "%(n)d sessions: decisions noted. Only organisers see them.",
                len(done),
            )
            messages.success(request, message % {"n": len(done)})

    act.__name__ = name
    return act


@admin.action(description=_("Look at the prepared decisions and announce them"))
def announce(desk, request, queryset):
    """Leads to the page that shows every mail; nothing leaves before that."""
    first = queryset.exclude(prepared_state="").order_by("pk").first()
    if first is None:
        messages.warning(request, _("None of these sessions has a prepared decision."))
        return None
    return redirect("admin:program_event_announce", first.pitch.event_id)


class ProposalAdmin(Desk):
    event_path = "pitch__event_id"
    nav_order = 30
    list_display = ["session", "shape", "ripe", "standing", "members", "visitors", "hosts"]
    list_display_links = ["session"]
    list_filter = [
        filters.by_event("pitch__event_id"),
        filters.choices(_("state"), "state", "state", State),
        filters.Prepared,
        filters.choices(_("format"), "format", "format", Proposal.Format),
        filters.choices(_("ripeness"), "ripeness", "ripeness", Proposal.Ripeness),
        filters.by_tag("pitch"),
    ]
    search_fields = ["title"]
    search_help_text = _("Words, a host’s name or a code.")
    ordering = ["-created_at", "-pk"]
    actions = [
        *(preparation(name) for name in PREPARED),
        announce,
        *(decision(name) for name in DECISIONS),
    ]
    fields = [
        "standing", "wanted", "of_pitch", "title", "abstract",
        ("format", "ripeness", "minutes"), "needs", "features",
    ]  # fmt: skip
    readonly_fields = ["standing", "wanted", "of_pitch"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).with_pitch().with_interest_apart()
        accepted = Host.objects.accepted().select_related("person__profile")
        return rows.prefetch_related(Prefetch("pitch__hosts", accepted))

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        said = SearchQuery(search_term, config="german", search_type="websearch")
        said |= SearchQuery(search_term, config="english", search_type="websearch")
        wanted = Q(search=said) | Q(pitch__search=said) | Q(code=search_term)
        for path in ("title", "pitch__title", "pitch__owner__profile__name"):
            wanted |= Q(**{f"{path}__icontains": search_term})
        return queryset.filter(wanted), False

    def get_action_choices(self, request, default_choices=None):
        """In two groups: what only organisers see, and what is mailed at once."""
        labels = dict(super().get_action_choices(request))
        return [
            ("", labels[""]),
            (
                _("For organisers only"),
                [(name, labels[name]) for name in (*PREPARED, "announce")],
            ),
            (_("E-mails go out at once"), [(name, labels[name]) for name in DECISIONS]),
        ]

    def each(self, request, proposals, verb):
        """Say ``verb`` to each; what cannot be is told one by one. Returns those it was said to."""
        done = []
        for proposal in proposals:
            try:
                verb(proposal)
            except decisions.NotAllowed as refusal:
                messages.error(request, str(refusal))
            else:
                done.append(proposal)
        return done

    def save_model(self, request, obj, form, change):
        """Through the verb that hosts use, so that the log and the versions know of it."""
        new = contents.of_proposal(obj)
        content = contents.of(obj.pitch)
        proposals = tuple(new if old.code == new.code else old for old in content.proposals)
        content = replace(content, proposals=proposals)
        pitching.edit(obj.pitch, by=request.user, content=content, now=timezone.now())
        if "features" in form.changed_data:
            obj.save(update_fields=["features"])

    def get_readonly_fields(self, request, obj=None):
        """Only what hangs on the wall is edited; a draft belongs to its hosts alone."""
        if obj and obj.pitch.state != Pitch.State.PUBLIC:
            return [*self.readonly_fields, *contents.PROPOSAL_FIELDS, "features"]
        return self.readonly_fields

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if obj else None

    def facts(self, request, events, now):
        undecided = Q(proposals__state=State.OPEN, proposals__prepared_state="", state="public")
        prepared = ~Q(proposals__prepared_state="")
        counts = (
            Pitch.objects.filter(event__in=events)
            .order_by()
            .values("event")
            .annotate(open=Count("proposals", filter=undecided))
            .annotate(prepared=Count("proposals", filter=prepared))
        )
        for row in counts:
            event, n = row["event"], row["open"]
            label = ngettext("%(n)d session to decide", "%(n)d sessions to decide", n) % {"n": n}
            yield event, Fact(n, label, reverse("admin:program_event_review", args=[event]))
            n = row["prepared"]
            label = ngettext("%(n)d prepared decision", "%(n)d prepared decisions", n) % {"n": n}
            announce = reverse("admin:program_event_announce", args=[event])
            yield event, Fact(n, label, announce)

    @admin.display(description=_("session"), ordering="title")
    def session(self, proposal):
        return proposal.heading

    @admin.display(description=_("format"), ordering="format")
    def shape(self, proposal):
        return cells.shape(proposal)

    @admin.display(description=_("ripeness"), ordering="ripeness")
    def ripe(self, proposal):
        return cells.ripeness(proposal)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, proposal):
        return cells.state(proposal)

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, proposal):
        return cells.named(_("members"), proposal.member_count)

    @admin.display(description=_("visitors"), ordering="visitor_count")
    def visitors(self, proposal):
        return cells.named(_("visitors"), proposal.visitor_count)

    @admin.display(description=_("hosts"))
    def hosts(self, proposal):
        return cells.hosts(proposal.pitch)

    @admin.display(description=_("interest"))
    def wanted(self, proposal):
        return _("%(members)d members, %(visitors)d visitors") % {
            "members": proposal.member_count,
            "visitors": proposal.visitor_count,
        }

    @admin.display(description=_("pitch"))
    def of_pitch(self, proposal):
        url = reverse("admin:program_pitch_change", args=[proposal.pitch_id])
        return format_html('<a href="{}">{}</a>', url, proposal.pitch.title)


regie.register(Proposal, ProposalAdmin)
