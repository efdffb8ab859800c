"""Merging two pitches: choose them, see what would happen, do it, undo it.

It lives above the other pages of pitches, since a merge brings the discussions along.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from comments import merging
from config.lib.text import clean_line
from sessions import likeness
from sessions.admin import cells, filters
from sessions.admin.desk import Desk, ReadOnly
from sessions.admin.reach import reach
from sessions.admin.site import regie
from sessions.forms.fields import ChosenField
from sessions.merging import Preview, Refused, in_programme, movable, preview, refuse
from sessions.models import Merge, Pitch, Proposal

MOST_FOUND = 20
REFUSED = 409
OWN = "-"
Sessions = dict[str, Proposal]


class MergeForm(forms.Form):
    """What becomes of each session of the source: a field by its code, OWN or another's code."""

    def __init__(self, *args: Any, source: Pitch, target: Pitch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions: Sessions = {row.code: row for row in movable(source)}
        self.others: Sessions = {row.code: row for row in movable(target)}
        published = in_programme(target.event)
        parts = [
            (code, _("becomes part of “%(title)s”") % {"title": row.heading})
            for code, row in self.others.items()
        ]
        for code, row in self.sessions.items():
            stays = row.pk in published
            self.fields[code] = ChosenField(
                label=f"{row.heading} ({row.get_state_display()})",
                choices=[(OWN, _("becomes a session of it")), *([] if stays else parts)],
                initial=OWN,
                help_text=_("It stands in the published programme.") if stays else "",
            )
        if len(self.sessions) == len(self.others) == 1:  # they were two names of one thing
            for field in self.fields.values():
                field.initial = field.choices[-1][0]

    def into(self) -> merging.Into:
        chosen = self.cleaned_data.items()
        return {self.sessions[code]: self.others[other] for code, other in chosen if other != OWN}


@admin.action(description=_("Undo"))
def undo(desk, request, queryset):
    for row in queryset.order_by("-at", "-pk"):
        try:
            is_new = merging.undo(row, by=request.user, now=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            if is_new:
                said = _("“%(title)s” hangs on the wall again. The hosts get an e-mail.")
                messages.success(request, said % {"title": row.source.title})


class MergeAdmin(ReadOnly, Desk):
    """A merge is added in two or three steps, all of them addresses: ``?source=1&target=2``."""

    nav_order = None
    list_display = ["source", "target", "who", "when", "undone"]
    list_display_links = ["source"]
    list_filter = [filters.by_event()]
    search_fields = ["source__title", "target__title"]
    list_select_related = ["event", "source", "target", "by__profile"]
    ordering = ["-at", "-pk"]
    actions = [undo]
    fields = ["from_pitch", "to_pitch", "who", "when", "undone"]

    def has_add_permission(self, request):
        return reach(request).is_any()

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("event", "source", "target")

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        source, target = (self._pitch(request, name) for name in ("source", "target"))
        if source is None or target is None:
            return self._page(request, "choose", **self._choices(request, source))
        try:
            refuse(source, target)
            sent = request.POST if request.method == "POST" else None
            form = MergeForm(sent, source=source, target=target)
            if form.is_valid():
                row = merging.merge(
                    source, target=target, into=form.into(), by=request.user, now=timezone.now()
                )
                return self._done(request, row)
        except Refused as error:
            refused = {"refused": str(error), **self._choices(request, source)}
            return self._page(request, "choose", status=REFUSED, **refused)
        about = preview(source, target)
        return self._page(request, "preview", form=form, **_told(source, target, about))

    def _pitch(self, request, name):
        """The pitch that an address names; 404 for one out of reach, None if it names none."""
        number = clean_line(request.GET.get(name, ""))
        desk = self.admin_site.get_model_admin(Pitch)
        return desk.get_object(request, number) if number else None

    def _choices(self, request, source):
        """Pitches on the wall to choose from: those asked for, else those most like ``source``."""
        desk = self.admin_site.get_model_admin(Pitch)
        asked = clean_line(request.GET.get("q", ""))[:200]
        pitches = desk.get_queryset(request).public().order_by("title", "pk")
        if source is not None:
            pitches = pitches.filter(event=source.event_id).exclude(pk=source.pk)
        if asked:
            pitches, _doubles = desk.get_search_results(request, pitches, asked)
        elif source is not None:
            tags = [tag.slug for tag in source.tags.all()]
            alike = likeness.similar(source, event=source.event, tags=tags, limit=MOST_FOUND)
            order = Case(*(When(pk=pk, then=place) for place, pk in enumerate(alike)), default=0)
            pitches = pitches.filter(pk__in=alike).order_by(order)
        return {"source": source, "asked": asked, "found": pitches[:MOST_FOUND]}

    def _page(self, request, name, *, status=200, **context):
        context |= {**self.admin_site.each_context(request), "opts": self.opts}
        context.setdefault("title", _("Merge pitches"))
        template = f"admin/program/merge/{name}.html"
        return TemplateResponse(request, template, context, status=status)

    def _done(self, request, row):
        said = _("“%(title)s” is part of this pitch now. The hosts get an e-mail.")
        link = format_html(
            ' <a href="{}">{}</a>', reverse("admin:program_merge_change", args=[row.pk]), _("Undo")
        )
        told = format_html("{}{}", said % {"title": row.source.title}, link)
        messages.success(request, told)
        return redirect("admin:program_pitch_change", row.target_id)

    def heading(self, obj):
        return str(obj)

    @admin.display(description=_("pitch"))
    def from_pitch(self, row):
        return _linked(row.source)

    @admin.display(description=_("into"))
    def to_pitch(self, row):
        return _linked(row.target)

    @admin.display(description=_("who"))
    def who(self, row):
        return cells.person(row.by)

    @admin.display(description=_("when"), ordering="at")
    def when(self, row):
        return cells.day(row.at)

    @admin.display(description=_("undone"), ordering="undone_at")
    def undone(self, row):
        return cells.day(row.undone_at) if row.undone_at else "–"


def _linked(pitch: Pitch):
    url = reverse("admin:program_pitch_change", args=[pitch.pk])
    return format_html('<a href="{}">{}</a>', url, pitch.title)


def _told(source: Pitch, target: Pitch, about: Preview) -> dict[str, Any]:
    return {
        "source": source,
        "target": target,
        "about": about,
        "new_hosts": ", ".join(host.person.profile.name for host in about.new_hosts),
        "comment_count": source.comments.published().count(),
        "other_comment_count": target.comments.published().count(),
    }


regie.register(Merge, MergeAdmin)
