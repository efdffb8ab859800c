"""Form fields for what people type: cleaned first, measured then, refused beside the field.

No field sets ``maxlength``: a browser would cut a pasted text off without a word. The limit is
on the widget as ``data-max`` for a counter, and is checked on the cleaned text.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from config.lib import text

EMAIL_MAX_LENGTH = 254
LEADING_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


class CleanCharField(forms.Field):
    """One line: NFC, single spaces, nothing unprintable, not only invisible characters.

    Its own ``error_messages["max_length"]`` may name ``%(max)d`` and ``%(length)d``.
    """

    widget: type[forms.Widget] = forms.TextInput
    default_error_messages = {
        "max_length": _("At most %(max)d characters fit here; these are %(length)d."),
    }

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "data-max": self.max_length}

    def clean_text(self, value: str) -> str:
        return text.clean_line(value)

    def to_python(self, value: Any) -> str:
        if value is None:
            return ""
        cleaned = self.clean_text(str(value))
        return cleaned if has_ink(cleaned) else ""

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.max_length:
            raise ValidationError(
                self.error_messages["max_length"],
                code="max_length",
                params={"max": self.max_length, "length": len(value)},
            )

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again: as typed, but fit for UTF-8."""
        return text.clean(data) if isinstance(data, str) else data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class CleanTextField(CleanCharField):
    """Several lines: NFC, plain line feeds, no blank lines around, the indentation kept."""

    widget = forms.Textarea

    def clean_text(self, value: str) -> str:
        return LEADING_BLANK_LINES.sub("", text.clean(value).rstrip())


class CleanEmailField(CleanCharField):
    """An address without the stray spaces that a phone's keyboard adds."""

    widget = forms.EmailInput
    default_validators = [validate_email]

    def __init__(self, *, max_length: int = EMAIL_MAX_LENGTH, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def clean_text(self, value: str) -> str:
        return text.clean_line(value).replace(" ", "")


def has_ink(value: str) -> bool:
    """Whether anything of ``value`` can be seen; zero-width characters alone cannot."""
    return any(letter.isprintable() and not letter.isspace() for letter in value)
