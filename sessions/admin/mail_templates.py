"""The words of an event's mails in the desk: one page per kind and language."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sessions import mail_templates
from sessions.admin.event_pages import EventPages
from sessions.forms.announcing import TemplateForm
from sessions.mail_templates import Kind, Text, Texts

NAME = "program_event_mail_templates"
REFUSED = 422
LANGUAGES = [code for code, _name in settings.LANGUAGES]


class MailTemplatesMixin(EventPages):
    """Mounts the templates in an event's admin, whose ``get_object`` is the door."""

    def get_urls(self):
        views = {
            "": (self.mail_templates_view, NAME),
            "<str:kind>/<str:language>/": (self.mail_template_view, f"{NAME}_edit"),
        }
        return self.mount("mail_templates", views) + super().get_urls()

    @method_decorator(require_safe)
    def mail_templates_view(self, request, object_id):
        event = self.get_object(request, object_id)
        texts = Texts(event)
        kinds = [
            (kind, [(code, texts.get(kind, code), texts.is_own(kind, code)) for code in LANGUAGES])
            for kind in Kind
        ]
        context = {"title": _("Mail templates"), "kinds": kinds}
        return self._mail_templates_page(request, event, "mail_templates", context)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def mail_template_view(self, request, object_id, kind, language):
        event = self.get_object(request, object_id)
        if kind not in Kind.values or language not in LANGUAGES:
            raise Http404
        if request.method == "POST" and "reset" in request.POST:
            mail_templates.reset(event, kind, language)
            messages.success(request, _("The words of the site hold again."))
            return redirect(f"admin:{NAME}", event.pk)
        texts = Texts(event)
        text = texts.get(kind, language)
        initial = {"subject": text.subject, "body": text.body}
        form = TemplateForm(request.POST or None, kind=kind, initial=initial)
        if form.is_valid():
            mail_templates.save(event, kind, language, Text(**form.cleaned_data))
            messages.success(request, _("Saved. The next mail of this kind says it like this."))
            return redirect(f"admin:{NAME}", event.pk)
        context = {
            "title": _("Mail: %(kind)s") % {"kind": Kind(kind).label},
            "form": form,
            "kind": Kind(kind),
            "language": get_language_info(language)["name_translated"],
            "is_own": texts.is_own(kind, language),
            "placeholders": mail_templates.allowed(kind),
        }
        status = REFUSED if form.errors else 200
        return self._mail_templates_page(request, event, "mail_template", context, status=status)

    def _mail_templates_page(self, request, event, name, context, *, status=200):
        context = self.page_context(request, event, title=context["title"]) | context
        template = f"admin/program/event/{name}.html"
        return TemplateResponse(request, template, context, status=status)
