"""Pitches in the desk: what hangs on the wall, internal notes, hiding and showing."""

from dataclasses import replace

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sessions import content as contents
from sessions import curation, pitching
from sessions.admin import cells, filters
from sessions.admin.desk import Desk, DeskInline
from sessions.admin.overview import Fact
from sessions.admin.site import regie
from sessions.forms.pitching import TagsField
from sessions.models import Merge, OrganiserNote, Pitch, Proposal

WORDS = ("title", "body", "language", "tags")


class PitchForm(forms.ModelForm):
    tags = TagsField(label=_("tags"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["tags"] = ", ".join(contents.of(self.instance).tags)

    def clean_body(self):
        if not self.cleaned_data["body"]:
            raise ValidationError(str(pitching.BodyMissing()))
        return self.cleaned_data["body"]


class SessionInline(DeskInline):
    """The sessions of a pitch at a glance; each is edited and decided on its own page."""

    model = Proposal
    ordering = ["position"]
    fields = readonly_fields = ["name", "shape", "ripe", "standing", "members", "visitors"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_pitch().with_interest_apart()

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @admin.display(description=_("session"))
    def name(self, proposal):
        url = reverse("admin:program_proposal_change", args=[proposal.pk])
        return format_html('<a href="{}">{}</a>', url, proposal.heading)

    @admin.display(description=_("format"))
    def shape(self, proposal):
        return cells.shape(proposal)

    @admin.display(description=_("ripeness"))
    def ripe(self, proposal):
        return cells.ripeness(proposal)

    @admin.display(description=_("state"))
    def standing(self, proposal):
        return cells.state(proposal)

    @admin.display(description=_("members"))
    def members(self, proposal):
        return proposal.member_count

    @admin.display(description=_("visitors"))
    def visitors(self, proposal):
        return proposal.visitor_count


class NoteInline(DeskInline):
    """Written once, removed if it was wrong, never changed under somebody's name."""

    model = OrganiserNote
    extra = 1
    ordering = ["created_at"]
    fields = ["text", "written"]
    readonly_fields = ["written"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("author__profile")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "text":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("who"))
    def written(self, note):
        if not note.pk:
            return ""
        return format_html("{}<br>{}", cells.person(note.author), cells.day(note.created_at))


@admin.action(description=_("Hide from the wall"))
def hide(desk, request, queryset):
    done = desk.each(request, queryset, curation.hide)
    if done:
        message = ngettext("%(n)d pitch is hidden.", "%(n)d pitches are hidden.", done)
        messages.success(request, message % {"n": done})


@admin.action(description=_("Show on the wall again"))
def show(desk, request, queryset):
    done = desk.each(request, queryset, curation.show)
    if done:
        message = ngettext(
            "%(n)d pitch hangs on the wall again.", "%(n)d pitches hang on the wall again.", done
        )
        messages.success(request, message % {"n": done})


class PitchAdmin(Desk):
    form = PitchForm
    nav_order = 20
    list_display = [
        "name", "hosts", "standing", "session_count", "members", "visitors", "talk", "published",
    ]  # fmt: skip
    list_display_links = ["name"]
    list_filter = [
        filters.by_event(),
        filters.choices(_("state"), "state", "state", Pitch.State),
        filters.choices(_("format"), "format", "proposals__format", Proposal.Format),
        filters.choices(_("ripeness"), "ripeness", "proposals__ripeness", Proposal.Ripeness),
        filters.by_tag("pk"),
    ]
    search_fields = ["title"]
    search_help_text = _("Words, a host’s name or a code.")
    ordering = ["-published_at", "-pk"]
    actions = [hide, show]
    inlines = [SessionInline, NoteInline]
    fields = ["standing", "contact", *WORDS]
    readonly_fields = ["standing", "contact"]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("event").with_hosts()
        talk = Count("comments", filter=Q(comments__state="published"), distinct=True)
        sessions = Count("proposals", distinct=True)
        return rows.annotate(comment_count=talk, session_count=sessions).with_interest_apart()

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        said = SearchQuery(search_term, config="german", search_type="websearch")
        said |= SearchQuery(search_term, config="english", search_type="websearch")
        wanted = Q(search=said) | Q(title__icontains=search_term) | Q(code=search_term)
        wanted |= Q(owner__profile__name__icontains=search_term)
        return queryset.filter(wanted), False

    def get_readonly_fields(self, request, obj=None):
        """Only what hangs on the wall is edited; a draft belongs to its hosts alone."""
        if obj and obj.state != Pitch.State.PUBLIC:
            return [*self.readonly_fields, "title", "body", "language", "tagged"]
        return self.readonly_fields

    def get_fields(self, request, obj=None):
        if obj and obj.state != Pitch.State.PUBLIC:
            return [*self.fields[:-1], "tagged"]
        return self.fields

    def each(self, request, pitches, verb):
        done = 0
        for pitch in pitches:
            try:
                verb(pitch, by=request.user)
            except curation.NotAllowed as refusal:
                messages.error(request, str(refusal))
            else:
                done += 1
        return done

    def save_model(self, request, obj, form, change):
        """Through the verb that hosts use, so that the log and the versions know of it."""
        if words := {name: form.cleaned_data[name] for name in WORDS if name in form.cleaned_data}:
            content = replace(contents.of(obj), **words)
            pitching.edit(obj, by=request.user, content=content, now=timezone.now())

    def save_formset(self, request, form, formset, change):
        if formset.model is OrganiserNote:
            for note in formset.forms:
                note.instance.author = note.instance.author or request.user
        super().save_formset(request, form, formset, change)

    def render_change_form(self, request, context, **kwargs):
        """With the merges that stand, each to be undone; see :mod:`comments.admin.merge`."""
        if (pitch := kwargs.get("obj")) is not None:
            context["merges"] = Merge.objects.of(pitch)
        return super().render_change_form(request, context, **kwargs)

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if obj else None

    def facts(self, request, events, now):
        url = reverse("admin:program_pitch_changelist")
        hanging = Pitch.objects.public().filter(event__in=events).order_by().values("event")
        for event, n in hanging.annotate(n=Count("pk")).values_list("event", "n"):
            label = ngettext("%(n)d pitch on the wall", "%(n)d pitches on the wall", n) % {"n": n}
            yield event, Fact(n, label, f"{url}?event={event}&state=public")

    @admin.display(description=_("pitch"), ordering="title")
    def name(self, pitch):
        return pitch.title

    @admin.display(description=_("hosts"))
    def hosts(self, pitch):
        return cells.hosts(pitch)

    @admin.display(description=_("hosts"))
    def contact(self, pitch):
        """Names and addresses, for a question that does not belong below the pitch."""
        people = ((host.person.email, host.person.profile.name) for host in pitch.hosts.all())
        return format_html_join(", ", '<a href="mailto:{}">{}</a>', people)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, pitch):
        return pitch.get_state_display()

    @admin.display(description=_("tags"))
    def tagged(self, pitch):
        return ", ".join(contents.of(pitch).tags)

    @admin.display(description=_("sessions"), ordering="session_count")
    def session_count(self, pitch):
        return cells.named(_("sessions"), pitch.session_count)

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, pitch):
        return cells.named(_("members"), pitch.member_count)

    @admin.display(description=_("visitors"), ordering="visitor_count")
    def visitors(self, pitch):
        return cells.named(_("visitors"), pitch.visitor_count)

    @admin.display(description=_("comments"), ordering="comment_count")
    def talk(self, pitch):
        return cells.named(_("comments"), pitch.comment_count)

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, pitch):
        return cells.day(pitch.published_at)


regie.register(Pitch, PitchAdmin)
