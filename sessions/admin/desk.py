"""What every page of the desk has in common: whose rows it shows, to whom, and in which fields."""

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, models
from django.http import Http404, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib import text
from config.lib.http import next_url
from sessions.admin import history
from sessions.admin.reach import reach

LONGEST_ID = 18  # digits that fit a bigint


class LineField(forms.CharField):
    def to_python(self, value):
        return text.clean_line(super().to_python(value))


class TextField(forms.CharField):
    def to_python(self, value):
        return text.clean(super().to_python(value))


class DeskActionForm(ActionForm):
    """The action's select with an id of its own, so that its label can name it."""

    action = forms.ChoiceField(
        label=_("What to do"), widget=forms.Select(attrs={"id": "desk-action"})
    )


class DeskFields:
    """Plain HTML inputs instead of the admin's scripts, cleaned text, choices within reach."""

    formfield_overrides = {
        models.SlugField: {},
        models.EmailField: {},
        models.URLField: {},
        models.CharField: {"form_class": LineField},
        models.TextField: {"form_class": TextField, "widget": forms.Textarea(attrs={"rows": 8})},
        models.DateField: {
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        },
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        },
    }

    @property
    def media(self):
        return forms.Media()

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Whatever the desk shows of the other model to this person; nothing if it shows none."""
        other = db_field.remote_field.model
        if self.admin_site.is_registered(other):
            kwargs["queryset"] = self.admin_site.get_model_admin(other).get_queryset(request)
        else:
            kwargs["queryset"] = other._default_manager.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class Desk(DeskFields, admin.ModelAdmin):
    """A model whose rows belong to events.

    ``event_path`` is the look-up from a row to the id of its event; ``moderating`` opens the
    model to moderators, who otherwise get 403. A row out of reach does not exist (404). Nothing
    is added or deleted in the desk unless a subclass says so: pitches are hidden, events
    archived, and what happened stays in the history.
    """

    event_path = "event_id"
    moderating = False
    list_per_page = 100
    list_max_show_all = 300
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    action_form = DeskActionForm
    nav_order = 100

    def heading(self, obj):
        return str(obj)

    def event_id_of(self, obj):
        """The id of the row's event."""
        for step in self.event_path.split("__"):
            obj = getattr(obj, step)
        return obj

    def get_queryset(self, request):
        rows, mine = super().get_queryset(request), reach(request)
        if mine.everything:
            return rows
        events = mine.events(moderating=self.moderating)
        return rows.filter(**{f"{self.event_path}__in": events})

    def get_object(self, request, object_id, from_field=None):
        """The row, its event's time zone switched on. Raises Http404, or 403 without a role."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = super().get_object(request, object_id)  # whatever ``_to_field`` asks for
        if obj is None:
            raise Http404
        if event := self.event_of(obj):
            timezone.activate(event.zone)
        return obj

    def event_of(self, obj):
        """The event whose time zone the page of ``obj`` speaks; None for a row of no event."""
        for step in self.event_path.removesuffix("_id").split("__"):
            obj = getattr(obj, step)
        return obj

    def has_view_permission(self, request, obj=None):
        if obj is None:
            return reach(request).is_any(moderating=self.moderating)
        return reach(request).covers(self.event_id_of(obj), moderating=self.moderating)

    def has_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def lookup_allowed(self, lookup, value, request):
        """Only the filters that are offered: a free look-up could ask for any column."""
        offered = {getattr(each, "parameter_name", None) for each in self.get_list_filter(request)}
        return lookup in offered

    def response_action(self, request, queryset):
        for number in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID):
                raise SuspiciousOperation("Not the number of a row.")
        response = super().response_action(request, queryset)
        leads_back = getattr(response, "url", None) == request.get_full_path()
        if leads_back and "next" in request.POST:
            return HttpResponseRedirect(next_url(request, request.get_full_path()))
        return response

    def get_action_choices(self, request, default_choices=None):
        return super().get_action_choices(request, [("", _("Choose what to do"))])

    def render_change_form(self, request, context, **kwargs):
        """With the actions of the list, for this one row."""
        if kwargs.get("obj") is not None:
            context["heading"] = self.heading(kwargs["obj"])
        if kwargs.get("obj") is not None and self.get_actions(request):
            action_form = self.action_form(auto_id=None)
            action_form.fields["action"].choices = self.get_action_choices(request)
            context["action_form"] = action_form
        return super().render_change_form(request, context, **kwargs)

    def changelist_view(self, request, extra_context=None):
        number = request.GET.get("p", "")
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 1
        pages = {"previous_page": page - 1, "next_page": page + 1}
        return super().changelist_view(request, {**pages, **(extra_context or {})})

    # Two people at once: the constraint of the database decides, the later one keeps the form.

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            request.desk_collided = True
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if getattr(request, "desk_collided", False):
            return type(form.__name__, (Collided, form), {})
        return form

    # History: pghistory's triggers write it; the admin's own log stays empty.

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, object_id)
        changes = history.of(obj, page=request.GET.get("page"))
        return super().history_view(
            request, object_id, {"changes": changes, "page_obj": changes, **(extra_context or {})}
        )


class Collided:
    """Mixed into a form whose data met a constraint while it was being saved."""

    def clean(self):
        cleaned = super().clean()
        self.add_error(None, _("This clashes with a change made a moment ago. Nothing was saved."))
        return cleaned


class ReadOnly:
    """Rows that the desk shows but never changes."""

    actions = None

    def has_change_permission(self, request, obj=None):
        return False


MOST_ROWS = 500  # of an inline: a torn or hostile form may claim to hold any number


class DeskInline(DeskFields, admin.TabularInline):
    """Rows of a parent; whoever may change the parent may change, add and remove them."""

    extra = 0
    view_on_site = False
    template = "admin/edit_inline/tabular.html"
    max_num = MOST_ROWS

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, absolute_max=MOST_ROWS, **kwargs)

    def _reaches(self, request, parent):
        desk = self.admin_site.get_model_admin(self.parent_model)
        return desk.has_view_permission(request, parent)

    def has_view_permission(self, request, obj=None):
        return self._reaches(request, obj)

    def has_add_permission(self, request, obj=None):
        return self._reaches(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._reaches(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._reaches(request, obj)
