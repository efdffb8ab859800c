"""Filters of the lists: a choice that is not offered filters nothing, whatever it is."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions.admin.reach import reach
from sessions.models import Proposal, Tag


class ChoiceFilter(admin.SimpleListFilter):
    """One of the values that :meth:`lookups` offers."""

    field: str

    def value(self):
        value = super().value()
        return value if value in {str(key) for key, _label in self.lookup_choices} else None

    def queryset(self, request, queryset):
        value = self.value()
        return queryset if value is None else queryset.filter(**{self.field: value})


def choices(title, parameter, field, of):
    """A filter by a field with ``TextChoices``."""

    class Filter(ChoiceFilter):
        def lookups(self, request, model_admin):
            return of.choices

    Filter.title, Filter.parameter_name, Filter.field = title, parameter, field
    return Filter


def by_event(field="event_id", *, moderating=False):
    """A filter by event; absent for whoever has one event only."""

    class Filter(ChoiceFilter):
        title, parameter_name = _("event"), "event"

        def lookups(self, request, model_admin):
            events = reach(request).of_events(moderating=moderating).values_list("pk", "name")
            return [(str(pk), name) for pk, name in events]

        def has_output(self):
            return len(self.lookup_choices) > 1

    Filter.field = field
    return Filter


def by_tag(field):
    """A filter by tag, the tags of the events within reach."""

    class Filter(ChoiceFilter):
        title, parameter_name = _("tag"), "tag"

        def lookups(self, request, model_admin):
            tags = Tag.objects.order_by("name").distinct()
            if not reach(request).everything:
                events = reach(request).events()
                tags = tags.filter(items__content_object__event_id__in=events)
            return list(tags.values_list("slug", "name"))

        def queryset(self, request, queryset):
            if (value := self.value()) is None:
                return queryset
            items = Tag.items.rel.related_model.objects.filter(tag__slug=value)
            return queryset.filter(**{f"{field}__in": items.values("content_object")})

    return Filter


class Prepared(ChoiceFilter):
    title, parameter_name = _("decision"), "prepared"

    def lookups(self, request, model_admin):
        return [("yes", _("prepared")), ("no", _("not prepared, still to decide"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.exclude(prepared_state="")
        if self.value() == "no":
            undecided = {Proposal.State.OPEN, Proposal.State.WAITLISTED}
            return queryset.filter(Q(prepared_state="") & Q(state__in=undecided))
        return queryset
