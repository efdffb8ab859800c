"""Which pitch of this site an address means, in any of the forms in which a pitch can be linked."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from config.lib import addresses
from sessions.models import Event, Pitch


class NotATarget(Exception):
    """``str()`` is fit to be shown to whoever named the address."""

    message = _("The target is not the address of a public pitch.")

    def __str__(self) -> str:
        return str(self.message)


class Foreign(NotATarget):
    message = _("The target is not on this site.")


class Named(NamedTuple):
    """What an address names: of a pitch page its event, of a short link that may be a session."""

    event_slug: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Target:
    """The addresses of one pitch; those of pitches that became part of it are its own, too."""

    event_slug: str
    pitch_codes: frozenset[str]
    session_codes: frozenset[str]

    @classmethod
    def of(cls, pitch: Pitch) -> "Target":
        """One query; needs ``pitch.event`` loaded."""
        both = Pitch.objects.filter(Q(pk=pitch.pk) | Q(merged_into=pitch))
        codes = list(both.values_list("code", "proposals__code"))
        sessions = frozenset(session for _pitch, session in codes if session)
        return cls(pitch.event.slug, frozenset(code for code, _session in codes), sessions)

    def is_meant_by(self, url: str) -> bool:
        """Whether an absolute address leads to the pitch; query and fragment do not matter."""
        if not any(code in url for code in self.pitch_codes | self.session_codes):
            return False  # soon known of nearly all links of a page
        try:
            named = read(url)
        except NotATarget:
            return False
        if named.event_slug is None:
            return named.code in self.pitch_codes | self.session_codes
        return named.event_slug == self.event_slug and named.code in self.pitch_codes


def read(url: str) -> Named:
    """By the address alone, without a query. Raises :class:`NotATarget`."""
    try:
        place = addresses.take_apart(url)
    except addresses.NotAllowed as error:
        raise Foreign from error
    if place.netloc != addresses.take_apart(settings.SITE_URL).netloc:
        raise Foreign
    path = unquote(urlsplit(place.url).path)
    try:
        match = resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404 as error:
        raise NotATarget from error
    if match.view_name not in ("program:pitch", "program:pitch_short", "program:short_link"):
        raise NotATarget
    return Named(match.kwargs.get("event_slug"), match.kwargs["code"])


def find(url: str) -> Pitch:
    """The public pitch that an address means, with its event; one query.

    Raises :class:`NotATarget`, whether there is none or a stranger may not see it.
    """
    named = read(url)
    events = Event.objects.public()
    if named.event_slug is None:
        codes = Q(code=named.code) | Q(proposals__code=named.code)
    else:
        codes = Q(code=named.code)
        events = events.filter(slug=named.event_slug)
    named_itself = Pitch.objects.filter(codes)
    meant = Q(pk__in=named_itself) | Q(pk__in=named_itself.values("merged_into"))
    pitches = Pitch.objects.public().select_related("event").filter(meant, event__in=events)
    pitch = pitches.defer("search").distinct().first()
    if pitch is None:
        raise NotATarget
    return pitch
