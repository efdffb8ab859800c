"""What a text meets on its way below a pitch, in the order of :class:`comments.models.Filter`.

The first ones turn a text away (:mod:`comments.refusals`); the others hold it for a moderator, or
until a guest has confirmed an e-mail address.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from html import unescape

from django.db.models import Q
from django.utils.html import strip_tags

from comments import stamps
from comments.models import Comment, Filter, Rules, TurnedAway
from comments.models.comment import CommentQuerySet
from comments.refusals import Trapped
from comments.writers import Writer
from sessions.models import Event, Pitch

SAME_TEXT_ELSEWHERE_WITHIN = dt.timedelta(hours=24)
SAME_TEXT_FROM = 40  # letters; shorter ones ("I agree.") say the same in many places
TURNED_AWAY_KEPT_FOR = dt.timedelta(days=30)

ANCHOR = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL)
LEADS_AWAY = re.compile(r'<a href="(?!/)')  # an address of this site mentions a host
BARE_ADDRESS = re.compile(r"\b(?:https?://|www\.)\w", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What a form sends beside the text: the hidden field, the stamp, the net it comes from."""

    trap: str = ""
    stamp: str = ""
    net: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """Markdown, its HTML, and how a guest signs."""

    body: str
    html: str
    name: str = ""
    site: str = ""

    def has_word(self, rules: Rules) -> bool:
        """Whether a listed word stands in it, as typed or as seen, part of a word included."""
        words = [word for line in rules.words.splitlines() if (word := _folded(line).strip())]
        seen = unescape(strip_tags(self.html))
        said = _folded("\n".join((self.body, seen, self.name, self.site)))
        return any(word in said for word in words)

    @property
    def links(self) -> int:
        """Links in the HTML that leave this site, and addresses that stand there as text."""
        bare = BARE_ADDRESS.findall(unescape(ANCHOR.sub(" ", self.html)))
        return len(LEADS_AWAY.findall(self.html)) + len(bare)


def check_form(sent: Sent, *, writer: Writer, now: dt.datetime) -> None:
    """Raises :class:`Trapped`, and for guests what :func:`stamps.check` does."""
    if sent.trap.strip():
        raise Trapped
    if writer.account is None:
        stamps.check(sent.stamp, now=now)


def holding(
    pitch: Pitch,
    text: Text,
    *,
    writer: Writer,
    before: CommentQuerySet,
    rules: Rules,
    now: dt.datetime,
) -> list[Filter]:
    """Why a new text is held, in order; ``before`` is what the same person wrote earlier."""
    reasons = []
    if _was_said(pitch, text, before.since(now - SAME_TEXT_ELSEWHERE_WITHIN)):
        reasons.append(Filter.DUPLICATE)
    if not writer.is_trusted(pitch):
        reasons += of_text(text, rules)
        if writer.account is None and _is_first(pitch, writer):
            reasons.append(Filter.FIRST_POST)
    return reasons


def of_text(text: Text, rules: Rules) -> list[Filter]:
    """What is looked at again after an edit."""
    reasons = []
    if text.has_word(rules):
        reasons.append(Filter.WORDS)
    if text.links >= rules.links_to_hold:
        reasons.append(Filter.LINKS)
    return reasons


def note(event: Event, reason: Filter, *, now: dt.datetime) -> None:
    """That a text was turned away; outside of the transaction that was rolled back for it."""
    TurnedAway.objects.create(event=event, reason=reason, at=now)


def tidy(now: dt.datetime) -> None:
    TurnedAway.objects.filter(at__lte=now - TURNED_AWAY_KEPT_FOR).delete()


def _was_said(pitch: Pitch, text: Text, before: CommentQuerySet) -> bool:
    """Below another pitch, or anywhere if moderators took it away."""
    if len(text.body) < SAME_TEXT_FROM:
        return False
    taken = Q(state__in=(Comment.State.SPAM, Comment.State.REMOVED))
    return before.filter(taken | ~Q(pitch=pitch), body=text.body).exists()


def _is_first(pitch: Pitch, writer: Writer) -> bool:
    """Whether nothing of a guest was published in this event yet."""
    theirs = Comment.objects.of_guest(visitor=writer.guest.visitor, email=writer.guest.email)
    return not theirs.published().filter(pitch__event=pitch.event).exists()


def _folded(text: str) -> str:
    """Fit for comparing: no case, no compatibility forms, no invisible characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
