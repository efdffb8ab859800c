"""Events in the desk: basics, the team, rooms and slots, pasted or one by one."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.lib.forms import CleanEmailField, CleanTextField
from sessions import grid_setup, team
from sessions.admin.absences import AbsenceInline
from sessions.admin.announce import AnnounceMixin
from sessions.admin.board import BoardMixin
from sessions.admin.desk import Desk, DeskInline
from sessions.admin.live import LiveMixin
from sessions.admin.mail_templates import MailTemplatesMixin
from sessions.admin.numbers import NumbersMixin
from sessions.admin.outbox import OutboxMixin
from sessions.admin.overview import Fact
from sessions.admin.plan import PlanMixin
from sessions.admin.printing import PrintMixin
from sessions.admin.publish import PublishMixin
from sessions.admin.reach import reach
from sessions.admin.review import ReviewMixin
from sessions.admin.scanning import ScanMixin
from sessions.admin.site import regie
from sessions.admin.tables import TablesMixin
from sessions.imports import paste
from sessions.models import Event, Membership, Proposal, Room, Slot
from speakers.models import User

PASTE_MAX = 20_000


class EventForm(forms.ModelForm):
    """``pasted_rooms`` and ``pasted_slots`` add to what exists and remove nothing."""

    pasted_rooms = CleanTextField(
        label=_("Add rooms"),
        required=False,
        max_length=PASTE_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Saal, 120\nGalerie, 40"}),
        help_text=_("One per line: name, comma, places. What exists stays."),
    )
    pasted_slots = CleanTextField(
        label=_("Add slots"),
        required=False,
        max_length=PASTE_MAX,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "9.11. 10:00–10:45\n9.11. 12:00–13:00 Pause"}
        ),
        help_text=_(
            "One per line: day, start–end. A title makes it a break or a plenary. "
            "What exists stays."
        ),
    )

    def clean_pasted_rooms(self):
        pasted = paste.rooms(self.cleaned_data["pasted_rooms"])
        if pasted.errors:
            raise ValidationError(list(pasted.errors))
        return pasted.rows

    def clean(self):
        cleaned = super().clean()
        days = cleaned.get("starts_on"), cleaned.get("ends_on")
        if cleaned.get("pasted_slots") and all(days) and "time_zone" in cleaned:
            zone = Event(time_zone=cleaned["time_zone"]).zone
            pasted = paste.slots(
                cleaned["pasted_slots"], first_day=days[0], last_day=days[1], zone=zone
            )
            if pasted.errors:
                self.add_error("pasted_slots", list(pasted.errors))
            cleaned["pasted_slots"] = pasted.rows
        # The formset of the slots compares them with the rows that are kept.
        self.instance.pasted_slots = cleaned.get("pasted_slots") or ()
        return cleaned


class TeamFormSet(BaseInlineFormSet):
    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = [form.cleaned_data for form in self.forms if not self._should_delete_form(form)]
        roles = [data.get("role") for data in kept if data.get("event")]
        if self.initial_forms and Membership.Role.ORGANISER not in roles:
            raise ValidationError(_("Somebody must stay as organiser."))


class TeamForm(forms.ModelForm):
    """A member is named by e-mail address, so that nobody can page through all accounts."""

    email = CleanEmailField(label=_("e-mail"))

    class Meta:
        model = Membership
        fields = ["email", "role"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["email"].disabled = True
            self.fields["email"].initial = self.instance.user.email

    def clean_email(self):
        email = self.cleaned_data["email"]
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise ValidationError(
                _("There is no account with this address. Ask them to log in once first.")
            )
        self.instance.user = user
        return email

    def clean(self):
        cleaned = super().clean()
        if self.instance.user_id:
            cleaned["user"] = self.instance.user  # the formset looks for the same one twice
        return cleaned

    def _get_validation_exclusions(self):
        """Checked once per event like a field, as soon as the address names somebody."""
        exclude = super()._get_validation_exclusions()
        return exclude - {"user"} if self.instance.user_id else exclude


class TeamInline(DeskInline):
    model = Membership
    form = TeamForm
    formset = TeamFormSet
    extra = 1
    fields = ["email", "role"]
    verbose_name_plural = _("team")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user__profile").order_by("pk")


class RoomInline(DeskInline):
    model = Room
    fields = ["name", "capacity", "features", "position"]
    ordering = ["position", "pk"]

    def has_add_permission(self, request, obj=None):
        return False


class SlotFormSet(BaseInlineFormSet):
    """Refuses what would overlap after the save: rows as edited, and pasted lines."""

    def clean(self):
        super().clean()
        pasted = getattr(self.instance, "pasted_slots", ())
        complete = self.management_form.is_valid() and not any(self.errors)
        if not complete or isinstance(pasted, str):
            return
        kept = [
            paste.SlotRow(0, form.cleaned_data["starts_at"], form.cleaned_data["ends_at"])
            for form in self.forms
            if not self._should_delete_form(form)
        ]
        if errors := paste.overlaps(pasted, kept, zone=self.instance.zone):
            raise ValidationError(errors)


class SlotInline(DeskInline):
    model = Slot
    formset = SlotFormSet
    fields = ["starts_at", "ends_at", "kind", "title"]
    ordering = ["starts_at"]

    def has_add_permission(self, request, obj=None):
        return False


class EventAdmin(
    ReviewMixin,
    BoardMixin,
    PublishMixin,
    LiveMixin,
    AnnounceMixin,
    OutboxMixin,
    MailTemplatesMixin,
    PlanMixin,
    PrintMixin,
    ScanMixin,
    NumbersMixin,
    TablesMixin,
    Desk,
):
    form = EventForm
    event_path = "pk"
    nav_order = 10
    list_display = ["name", "starts_on", "place", "state", "live"]
    list_display_links = ["name"]
    ordering = ["-starts_on", "pk"]
    inlines = [RoomInline, SlotInline, AbsenceInline, TeamInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "hashtag", "place", "state"]}),
        (_("When and where"), {"fields": ["starts_on", "ends_on", "time_zone", "language"]}),
        (
            _("Rules"),
            {
                "fields": [
                    "pitching_opens_at",
                    "pitching_closes_at",
                    "comment_policy",
                    "interest_counts",
                    "asks_confirmation",
                    "confirm_reminder_days",
                ]
            },
        ),
        (_("Introduction"), {"fields": ["about"]}),
        (_("Rooms and slots"), {"fields": ["pasted_rooms", "pasted_slots"]}),
    ]

    def event_of(self, obj):
        return obj

    def has_add_permission(self, request):
        return request.user.is_superuser

    def get_inlines(self, request, obj):
        return self.inlines if obj else [TeamInline]

    def get_readonly_fields(self, request, obj=None):
        """The address is printed on posters: once public, only superusers change it."""
        frozen = obj and obj.state != Event.State.DRAFT and not reach(request).everything
        return ["slug"] if frozen else []

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if obj else None

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        event = form.instance
        team.open_desk_to(event)
        rooms = grid_setup.add_rooms(event, form.cleaned_data["pasted_rooms"])
        slots = grid_setup.add_slots(event, form.cleaned_data["pasted_slots"] or ())
        if rooms:
            message = ngettext("%(n)d room was added.", "%(n)d rooms were added.", rooms)
            messages.success(request, message % {"n": rooms})
        if slots:
            message = ngettext("%(n)d slot was added.", "%(n)d slots were added.", slots)
            messages.success(request, message % {"n": slots})

    def facts(self, request, events, now):
        for event, n in Proposal.objects.unplaced_by_event(events):
            label = ngettext(
                "%(n)d session without a place", "%(n)d sessions without a place", n
            ) % {"n": n}
            yield event, Fact(n, label, reverse("admin:program_event_board", args=[event]))


regie.register(Event, EventAdmin)
