"""“I can't then”, as organisers hear it from a host and note it on the page of the event."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from sessions.admin.desk import DeskInline
from sessions.models import Host, Pitch, Unavailability
from speakers.models import User

LOCAL = "%Y-%m-%dT%H:%M"


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return person.profile.name


def moment(label):
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
    )


class AbsenceForm(forms.ModelForm):
    """Only hosts of the event can be chosen; times are the event's."""

    person = PersonField(label=_("host"), queryset=User.objects.none())
    starts_at = moment(_("from"))
    ends_at = moment(_("until"))

    class Meta:
        model = Unavailability
        fields = ["person", "starts_at", "ends_at"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if during := self.instance.during:
            self.initial["starts_at"] = localtime(during.lower).strftime(LOCAL)
            self.initial["ends_at"] = localtime(during.upper).strftime(LOCAL)

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and start >= end:
            self.add_error("ends_at", ValidationError(_("The end is before the start.")))
        elif start and end:
            self.instance.during = DateTimeTZRange(start, end, "[)")
        return cleaned


class AbsenceFormSet(forms.models.BaseInlineFormSet):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        leading = Host.objects.accepted().filter(
            pitch__event=self.instance, pitch__state=Pitch.State.PUBLIC
        )
        known = set(leading.values_list("person", flat=True)) if self.instance.pk else set()
        known |= {absence.person_id for absence in self.get_queryset()}
        self.people = User.objects.filter(pk__in=known).with_profile().order_by("profile__name")

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["person"].queryset = self.people


class AbsenceInline(DeskInline):
    model = Unavailability
    form = AbsenceForm
    formset = AbsenceFormSet
    extra = 1
    fields = ["person", "starts_at", "ends_at"]
    ordering = ["pk"]
    verbose_name = _("“I can’t then”")
    verbose_name_plural = _("When hosts cannot come")
