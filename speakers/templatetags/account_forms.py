import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

register = template.Library()


@register.filter
def plain(form: BaseForm) -> BaseForm:
    """A form of allauth in our words: no placeholders that repeat the label, digits for codes."""
    for field in form:
        attrs = field.field.widget.attrs
        attrs.pop("placeholder", None)
        if attrs.get("autocomplete") == "one-time-code":
            attrs["inputmode"] = "numeric"
        if attrs.get("autocomplete") == "new-password" and field.help_text:
            field.help_text = _("At least 10 characters, not only digits, and nothing common.")
    return form


@register.filter
def as_json(value: object) -> str:
    """For a ``data-`` attribute, where it is escaped like any text."""
    return json.dumps(value, cls=DjangoJSONEncoder)
