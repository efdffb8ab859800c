"""Import and export of an event's tables in the desk.

A file is looked at first: the page shows row by row what would happen, and its button does exactly
that. In between nothing is kept here, the rows travel in the page, signed.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from sessions import tables
from sessions.admin.event_pages import EventPages
from sessions.exports import tables as files
from sessions.forms.tables import ApplyForm, FileForm
from sessions.imports.tables import BadFile
from sessions.tables import TABLES
from sessions.tables.base import CHANGED, NEW

NAME = "program_event_tables"
REFUSED = 422


class TablesMixin(EventPages):
    """Mounts the pages in an event's admin, whose ``get_object`` is the door: 404 for strangers,
    403 for moderators, who need nobody's address.
    """

    def get_urls(self):
        views = {
            "": (self.tables_view, NAME),
            "<slug:table>.<slug:kind>": (self.tables_export_view, f"{NAME}_export"),
            "preview/": (self.tables_preview_view, f"{NAME}_preview"),
            "import/": (self.tables_import_view, f"{NAME}_import"),
        }
        return self.mount("tables", views) + super().get_urls()

    @method_decorator(require_safe)
    def tables_view(self, request, object_id):
        event = self.get_object(request, object_id)
        return self._tables(request, event, form=FileForm())

    @method_decorator(require_safe)
    def tables_export_view(self, request, object_id, table, kind):
        event = self.get_object(request, object_id)
        if table not in TABLES or kind not in files.FORMATS:
            raise Http404
        rows = TABLES[table](event).exported()
        written = files.write(TABLES[table].columns(), rows, kind)
        name = f"{event.slug}-{table}.{kind}"
        return HttpResponse(
            written,
            content_type=files.FORMATS[kind],
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )

    @method_decorator(require_POST)
    def tables_preview_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            table = self._table(request, event, form.cleaned_data["table"])
            sheet = form.cleaned_data["file"]
            try:
                report = tables.dry_run(table, sheet)
            except BadFile as error:
                form.add_error("file", str(error))
            else:
                seal = tables.sealed(table, sheet, report) if report.is_possible else ""
                return self._tables(request, event, table=table, report=report, seal=seal)
        return self._tables(request, event, form=form, status=REFUSED)

    @method_decorator(require_POST)
    def tables_import_view(self, request, object_id):
        event = self.get_object(request, object_id)
        form = ApplyForm(request.POST)
        if not form.is_valid():
            refused = str(tables.Overtaken())
            return self._tables(request, event, form=FileForm(), refused=refused, status=REFUSED)
        table = self._table(request, event, form.cleaned_data["table"])
        try:
            sheet, digest = tables.unsealed(
                event, table.slug, request.user, form.cleaned_data["seal"]
            )
            report = tables.carry_out(table, sheet, expected=digest)
        except tables.Overtaken as overtaken:
            shown = {"form": FileForm()}
            if overtaken.report:
                possible = overtaken.report.is_possible
                seal = tables.sealed(table, sheet, overtaken.report) if possible else ""
                shown = {"table": table, "report": overtaken.report, "seal": seal}
            return self._tables(request, event, refused=str(overtaken), status=REFUSED, **shown)
        done = len(report.of(NEW)) + len(report.of(CHANGED))
        said = ngettext("%(n)d row was imported.", "%(n)d rows were imported.", done)
        messages.success(request, said % {"n": done})
        return redirect(reverse(f"admin:{NAME}", args=[event.pk]))

    def _table(self, request, event, slug):
        return TABLES[slug](event, by=request.user, now=timezone.now())

    def _tables(self, request, event, *, status=200, **context):
        context = {
            **self.page_context(request, event, title=_("Import and export")),
            "tables": [table(event) for table in TABLES.values()],
            "formats": list(files.FORMATS),
            **context,
        }
        template = "admin/program/event/tables.html"
        return TemplateResponse(request, template, context, status=status)
