"""The file that is looked at, and the button that does what was shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sessions.imports import tables as files
from sessions.imports.tables import BadFile
from sessions.tables import TABLES


class FileForm(forms.Form):
    """``file`` becomes a :class:`files.Sheet`."""

    table = forms.ChoiceField(
        label=_("What is in it"), choices=[(slug, each.label) for slug, each in TABLES.items()]
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8, XLSX or JSON; at most 500 kB and 500 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.json"}),
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "empty": _("This file is empty."),
        },
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        try:
            return files.read(upload.read(files.BYTES_MAX + 1))
        except BadFile as error:
            raise forms.ValidationError(str(error)) from error


class ApplyForm(forms.Form):
    table = forms.ChoiceField(choices=[(slug, slug) for slug in TABLES])
    seal = forms.CharField()
