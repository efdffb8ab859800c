"""Fields that only the pages of pitches need."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.lib import text
from config.lib.forms import CleanCharField
from sessions import content as contents
from sessions.content import MAX_TAGS, TAG_MAX_LENGTH


class TagsField(CleanCharField):
    """Comma separated; a leading # is left off, the same tag counts once."""

    default_error_messages = {
        "many": _("At most %(max)d tags, please; these are %(count)d."),
        "long": _("The tag “%(tag)s” is too long: at most %(max)d characters."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1_000, **kwargs)

    def clean(self, value: Any) -> tuple[str, ...]:
        typed = (part.strip().lstrip("#").strip() for part in super().clean(value).split(","))
        tags = {tag.casefold(): tag for tag in typed if tag}
        if len(tags) > MAX_TAGS:
            self._refuse("many", max=MAX_TAGS, count=len(tags))
        for tag in tags.values():
            if len(tag) > TAG_MAX_LENGTH:
                self._refuse("long", max=TAG_MAX_LENGTH, tag=text.excerpt(tag, 20))
        return contents.sorted_tags(tags.values())

    def _refuse(self, code: str, **params: Any) -> None:
        raise forms.ValidationError(self.error_messages[code], code=code, params=params)


class ChosenField(forms.ChoiceField):
    """A choice that is made already: a form that does not ask takes the initial one."""

    def clean(self, value: Any) -> str:
        return super().clean(self.initial if value is None else value)


class MinutesField(forms.IntegerField):
    """A number that is given already, likewise."""

    def clean(self, value: Any) -> int:
        return super().clean(self.initial if value is None else value)
