"""The words of mails to hosts, with placeholders in braces: ``Hello {name},``.

A placeholder is looked up once in a dict of plain strings. Nothing is formatted and no template
engine sees the text, so that it reaches no attribute of anything; what a value says is never
read again, and it stays on its line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from config.lib.records import Words
from config.lib.text import clean, clean_line
from sessions import confirming
from sessions.models import Event, MailTemplate, Proposal
from sessions.models.announcing import SUBJECT_MAX_LENGTH
from speakers.models import User

Kind = MailTemplate.Kind

PLACEHOLDERS: dict[str, Words] = {
    "name": _("the host’s name"),
    "title": _("the title of the session"),
    "event": _("the name of the event"),
    "date": _("the days of the event"),
    "link": _("the address of the session"),
    "event_link": _("the address of the event"),
    "confirm_link": _("the address at which the host confirms or cancels"),
}
ASKING = frozenset({Kind.ASKED, Kind.REMINDER})
ASKS = "confirm_link"
IN_BRACES = re.compile(r"\{([^{}\n]*)\}")
TORN = re.compile(r"\{\s*\w+|\w+\s*\}")


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a mail, with placeholders or merged."""

    subject: str
    body: str


def allowed(kind: str) -> dict[str, Words]:
    """The placeholders of a kind of mail, and what each becomes."""
    return {
        name: meaning for name, meaning in PLACEHOLDERS.items() if name != ASKS or kind in ASKING
    }


def unknown(text: str, kind: str) -> list[str]:
    """What stands in braces and is no placeholder of this kind, in order, each once."""
    return [name for name in dict.fromkeys(IN_BRACES.findall(text)) if name not in allowed(kind)]


def torn(text: str) -> list[str]:
    """Words with a brace on one side only, in order, each once; they would be sent like this."""
    return list(dict.fromkeys(TORN.findall(IN_BRACES.sub(" ", text))))


def merge(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced, each value on one line; others stay as they are."""

    def value(found: re.Match[str]) -> str:
        return clean_line(values[found[1]]) if found[1] in values else found[0]

    return IN_BRACES.sub(value, clean(text))


def merged(text: Text, values: Mapping[str, str]) -> Text:
    """Ready to be sent: a subject of one line and no more than fits."""
    subject = Truncator(clean_line(merge(text.subject, values))).chars(SUBJECT_MAX_LENGTH)
    return Text(subject, merge(text.body, values))


@cache
def default(kind: str, language: str) -> Text:
    """The site's own words: the file of this kind, whose placeholders are left in braces."""
    with translation.override(language):
        text = render_to_string(f"mail/sessions/proposal_{kind}.txt")
    head, _separator, body = text.strip().partition("\n")
    return Text(head.removeprefix("Subject:").strip(), body.strip())


class Texts:
    """The words of an event: its own templates, else the site's. One query."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self._own = {
            (row.kind, row.language): Text(row.subject, row.body)
            for row in event.mail_templates.all()
        }

    def is_own(self, kind: str, language: str) -> bool:
        return (kind, language) in self._own

    def get(self, kind: str, language: str) -> Text:
        return self._own.get((kind, language)) or default(kind, language)

    def to(self, person: User, proposal: Proposal, kind: str) -> Text:
        """The mail to a host, in the host's language. Needs pitch, event and profile loaded."""
        text = self.get(kind, person.language)
        return merged(text, values(proposal, person, event=self.event))


def kind_of(state: str, event: Event) -> str:
    """The kind of mail that tells of a decision; what is accepted may have to be confirmed."""
    if state == Proposal.State.ACCEPTED and event.asks_confirmation:
        return Kind.ASKED
    return Kind(state)


def values(proposal: Proposal, person: User, *, event: Event) -> dict[str, str]:
    """What the placeholders become, as plain strings."""
    return {
        "name": name_of(person),
        "title": proposal.heading,
        "event": event.name,
        "date": _days(event, person.language),
        "link": settings.SITE_URL + proposal.get_absolute_url(),
        "event_link": settings.SITE_URL + event.get_absolute_url(),
        ASKS: confirming.link(proposal, person),
    }


def name_of(person: User) -> str:
    """Asks nothing if the profile is joined; an account from the command line has none yet."""
    return person.profile.name if hasattr(person, "profile") else person.email.partition("@")[0]


def _days(event: Event, language: str) -> str:
    with translation.override(language):
        days = [date_format(day, "DATE_FORMAT") for day in (event.starts_on, event.ends_on)]
    return " – ".join(dict.fromkeys(days))


def save(event: Event, kind: str, language: str, text: Text) -> MailTemplate:
    """The event's own words from now on."""
    words = {"subject": text.subject, "body": text.body}
    row, _is_new = event.mail_templates.update_or_create(
        kind=kind, language=language, defaults=words
    )
    return row


def reset(event: Event, kind: str, language: str) -> None:
    """The site's words again."""
    event.mail_templates.filter(kind=kind, language=language).delete()
