"""What the pages of the desk send about mails: every mail as edited, when to send, templates."""

import datetime as dt
import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.forms import CleanCharField, CleanTextField
from sessions import mail_templates
from sessions.announcing import Letter, Order, Ready
from sessions.mail_templates import Text
from sessions.models.announcing import BODY_MAX_LENGTH, SUBJECT_MAX_LENGTH

SEEN = re.compile(r"([a-z0-9]{1,12})\.([0-9a-f]{32})", re.ASCII)
LATEST = dt.timedelta(days=366)


def subject_field():
    return CleanCharField(
        label=_("Subject"),
        max_length=SUBJECT_MAX_LENGTH,
        error_messages={"required": _("The subject is missing.")},
    )


def body_field(*, max_length: int, rows: int):
    return CleanTextField(
        label=_("Text"),
        max_length=max_length,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _("The text is missing.")},
    )


class LetterForm(forms.Form):
    """One mail; whoever is left out needs neither subject nor text."""

    subject = subject_field()
    body = body_field(max_length=2 * BODY_MAX_LENGTH, rows=14)  # merged, it may have grown
    leave_out = forms.BooleanField(label=_("Send no mail to this person"), required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("leave_out"):
            self.errors.pop("subject", None)
            self.errors.pop("body", None)
        return cleaned


class WhenForm(forms.Form):
    """``at`` is in the event's zone, which the page has switched on; a time that a change of the
    clocks skips or repeats is refused.
    """

    use_required_attribute = False  # the time is required with one of the choices only
    NOW, AT, NONE = "now", "at", "none"

    when = forms.ChoiceField(
        label=_("How to announce"),
        choices=[
            (NOW, _("Send the mails now")),
            (AT, _("Send them at a time; until then everything stays as it is")),
            (NONE, _("Announce now without any mail")),
        ],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label=_("Time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("The time is missing."),
            "invalid": _("This is no date with a time."),
        },
    )

    def __init__(self, *args, now: dt.datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("when") != self.AT:
            self.errors.pop("at", None)
            cleaned["at"] = None
            return cleaned
        at = cleaned.get("at")
        if at is not None and not self.now < at <= self.now + LATEST:
            self.add_error("at", _("Choose a time to come, within a year."))
        return cleaned


class Sheet:
    """The page of the announcement: one form per mail, and when to send."""

    def __init__(self, ready: list[Ready], *, now: dt.datetime, data=None, fresh=()):
        """``fresh`` are codes of decisions whose mails are shown anew, whatever was typed."""
        self.posted = dict(SEEN.fullmatch(each).groups() for each in _seen(data))
        self.when = WhenForm(data, now=now)
        self.entries = [
            (each, [(letter, self._form(each, letter, data, fresh)) for letter in each.letters])
            for each in ready
        ]

    def _form(self, each: Ready, letter: Letter, data, fresh):
        if not letter.is_reachable:
            return None
        code = each.proposal.code
        prefix, text = f"{code}-{letter.person.pk}", letter.text
        typed = data if code in self.posted and code not in fresh else None
        initial = {"subject": text.subject, "body": text.body}
        return LetterForm(typed, prefix=prefix, initial=initial)

    @property
    def untold(self):
        """Who gets no mail whatever is ticked, each with the decision: (Ready, Letter or None)."""
        for each, letters in self.entries:
            yield from ((each, letter) for letter, form in letters if form is None)
            if not letters:
                yield each, None

    def _bound(self):
        for each, letters in self.entries:
            for letter, form in letters:
                if form is not None and form.is_bound:
                    yield each, letter, form

    def is_valid(self) -> bool:
        """Without mails theirs do not count."""
        if not self.when.is_valid():
            return False
        if self.when.cleaned_data["when"] == WhenForm.NONE:
            return True
        return not self.errors()

    def errors(self) -> int:
        forms_ = [form for _each, _letter, form in self._bound()]
        return len(self.when.errors) + sum(len(form.errors) for form in forms_)

    def order(self) -> Order:
        """Of a valid sheet."""
        when = self.when.cleaned_data
        texts = {}
        if when["when"] != WhenForm.NONE:
            texts = {
                (each.proposal.code, letter.person.pk): Text(
                    form.cleaned_data["subject"], form.cleaned_data["body"]
                )
                for each, letter, form in self._bound()
                if not form.cleaned_data["leave_out"]
            }
        return Order(seen=self.posted, texts=texts, send_at=when["at"])


def _seen(data) -> list[str]:
    return [each for each in data.getlist("seen") if SEEN.fullmatch(each)] if data else []


class TemplateForm(forms.Form):
    """The event's own words; what stands in braces must be a placeholder of this kind."""

    subject = subject_field()
    body = body_field(max_length=BODY_MAX_LENGTH, rows=18)

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_subject(self):
        return self._checked(self.cleaned_data["subject"])

    def clean_body(self):
        body = self._checked(self.cleaned_data["body"])
        if self.kind in mail_templates.ASKING and f"{{{mail_templates.ASKS}}}" not in body:
            raise ValidationError(
                _("%(name)s is missing: without it nobody can answer."),
                params={"name": f"{{{mail_templates.ASKS}}}"},
            )
        return body

    def _checked(self, text: str) -> str:
        if strange := mail_templates.unknown(text, self.kind):
            raise ValidationError(
                _("Not known: %(strange)s. What can stand in braces: %(allowed)s."),
                params={
                    "strange": _in_braces(strange),
                    "allowed": _in_braces(mail_templates.allowed(self.kind)),
                },
            )
        if torn := mail_templates.torn(text):
            raise ValidationError(
                _("A brace is missing at: %(torn)s"), params={"torn": ", ".join(torn)}
            )
        return text


def _in_braces(names) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
