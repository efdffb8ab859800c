"""People in the desk: organisers read how to reach the hosts of their events, superusers manage."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from sessions.admin import cells, filters
from sessions.admin.desk import Desk
from sessions.admin.reach import reach
from sessions.admin.site import regie
from sessions.models import Host, Pitch
from speakers.models import User


class PeopleAdmin(Desk):
    """Only hosts of one's own events, unless one is a superuser."""

    nav_order = 50
    list_display = ["name", "organisation", "mail"]
    list_display_links = ["name"]
    list_filter = [filters.by_event("hosting__pitch__event_id")]
    search_fields = ["email", "profile__name", "profile__organisation"]
    list_select_related = ["profile"]
    ordering = ["profile__name", "pk"]
    fields = ["name", "mail", "organisation", "language", "pitches"]
    readonly_fields = ["name", "mail", "organisation", "pitches"]
    rights = ["is_active", "is_staff", "is_superuser", "date_joined", "last_login"]
    actions = None

    def get_queryset(self, request):
        people, mine = User.objects.with_profile(), reach(request)
        if mine.everything:
            return people
        hosts = Host.objects.filter(pitch__event__in=mine.events())
        return people.filter(pk__in=hosts.values("person"))

    def event_of(self, obj):
        return None

    def has_view_permission(self, request, obj=None):
        if obj is None:
            return reach(request).is_any()
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_change_permission(self, request, obj=None):
        return reach(request).everything

    def get_fields(self, request, obj=None):
        return [*self.fields, *(self.rights if reach(request).everything else ())]

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "date_joined", "last_login"]

    @admin.display(description=_("name"), ordering="profile__name")
    def name(self, user):
        return cells.person(user)

    @admin.display(description=_("organisation"), ordering="profile__organisation")
    def organisation(self, user):
        return getattr(getattr(user, "profile", None), "organisation", "") or "–"

    @admin.display(description=_("e-mail"), ordering="email")
    def mail(self, user):
        return format_html('<a href="mailto:{0}">{0}</a>', user.email)

    @admin.display(description=_("pitches"))
    def pitches(self, user):
        """What they lead on walls; drafts are theirs alone."""
        rows = Pitch.objects.filter(hosts__person=user).exclude(state=Pitch.State.DRAFT)
        links = (
            (reverse("admin:program_pitch_change", args=[pitch.pk]), pitch.title)
            for pitch in rows.order_by("-published_at")
        )
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', links) or "–"


regie.register(User, PeopleAdmin)
