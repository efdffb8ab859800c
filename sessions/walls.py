"""What hangs on the wall: which pitches, in which order, and what a card shows of each."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    Exists,
    Expression,
    F,
    FloatField,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Abs, Cast, Coalesce, Extract, Greatest, Ln, Mod, Sqrt
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.lib.text import clean_line
from sessions import search
from sessions.interests import Mark, Marks
from sessions.models import Event, Host, Interest, Pitch, Proposal, Tag
from sessions.models.pitch import PitchQuerySet

PER_PAGE = 24
QUERY_MAX_LENGTH = 200
TAGS_OFFERED = 30
HOUR = 3600
DAY = 86_400.0
GRAIN = 1_000_003  # how finely chance is told apart: a prime, so that no hash repeats early

State = Proposal.State
# What one looks for by state; the organisers' finer words are not needed here.
STATES = {
    "program": (_("In the programme"), Proposal.SCHEDULABLE),
    "open": (_("Still open"), {State.OPEN}),
    "waitlisted": (_("On the waiting list"), {State.WAITLISTED}),
    "declined": (_("Declined"), {State.DECLINED}),
}
ORDERS = {
    "match": _("Best match"),
    "mixed": _("Mixed"),
    "new": _("New"),
    "wanted": _("Wanted"),
    "unnoticed": _("Little noticed"),
}


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see of the wall; "" is everything. Made by :func:`asked`."""

    q: str = ""
    format: str = ""
    tag: str = ""
    ripeness: str = ""
    state: str = ""
    order: str = "mixed"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.format or self.tag or self.ripeness or self.state)

    @property
    def is_folded(self) -> bool:
        """Whether everything is as it is without the folded part of the form."""
        usual = "match" if self.q else "mixed"
        return not (self.tag or self.ripeness or self.state) and self.order == usual

    def fits(self, proposal: Proposal) -> bool:
        """Whether this session is one that was asked for; the words and the tag are the pitch's."""
        return (
            self.format in ("", proposal.format)
            and self.ripeness in ("", proposal.ripeness)
            and (not self.state or proposal.state in STATES[self.state][1])
        )


def asked(query: QueryDict, *, counts_are_shown: bool = True) -> Asked:
    """Read an address; what it says wrongly counts as not said.

    The order by interest would tell what an event that hides the counts wants to hide.
    """
    q = clean_line(query.get("q", ""))[:QUERY_MAX_LENGTH].strip()
    order = query.get("order", "")
    hidden = (order == "wanted" and not counts_are_shown) or (order == "match" and not q)
    if order not in ORDERS or hidden:
        order = "match" if q else "mixed"
    return Asked(
        q=q,
        format=_one_of(Proposal.Format.values, query.get("format", "")),
        tag=clean_line(query.get("tag", ""))[:100],
        ripeness=_one_of(Proposal.Ripeness.values, query.get("ripeness", "")),
        state=_one_of(STATES, query.get("state", "")),
        order=order,
    )


def _one_of(values: Iterable[str], value: str) -> str:
    return value if value in set(values) else ""


def hanging(event: Event) -> PitchQuerySet:
    """Public pitches of which a session can still take place."""
    sessions = Proposal.objects.on_the_wall().filter(pitch=OuterRef("pk"))
    return event.pitches.public().filter(Exists(sessions))


def select(event: Event, want: Asked, *, now: dt.datetime) -> PitchQuerySet:
    """Pitches of the wall as asked for, in their order; load them with :func:`with_cards`."""
    pitches = hanging(event)
    if want.format or want.ripeness or want.state:
        pitches = pitches.filter(Exists(_sessions_asked(want)))
    if want.tag:
        pitches = pitches.filter(tag_items__tag__slug=want.tag)
    if want.q:
        pitches = search.matching(pitches, want.q, event=event)
    if want.order == "match":
        return search.ranked(pitches, want.q, event=event)
    return pitches.order_by(*_order(want.order, now), "-published_at", "-pk")


def _sessions_asked(want: Asked) -> QuerySet[Proposal]:
    sessions = Proposal.objects.on_the_wall().filter(pitch=OuterRef("pk"))
    if want.format:
        sessions = sessions.filter(format=want.format)
    if want.ripeness:
        sessions = sessions.filter(ripeness=want.ripeness)
    if want.state:
        sessions = sessions.filter(state__in=STATES[want.state][1])
    return sessions


def _order(name: str, now: dt.datetime) -> list[Expression]:
    if name == "wanted":
        return [_interest_count().desc()]
    hour = int(now.timestamp()) // HOUR
    if name == "unnoticed":
        return [_notice(hour).asc()]
    if name == "mixed":
        # Exponential clocks: the less noticed a pitch is, the sooner its clock is likely to ring
        # (Efraimidis and Spirakis, weighted random sampling, 2006).
        return [(-Ln(_chance(hour)) * Sqrt(_notice(hour))).asc()]
    return []


def _chance(hour: int) -> Expression:
    """A number in (0, 1) of each pitch: the same for everyone, another one every hour."""
    number = Func(
        F("code"), Value(hour), function="hashtextextended", output_field=BigIntegerField()
    )
    return (Cast(Abs(Mod(number, GRAIN)), FloatField()) + 1.0) / (GRAIN + 1.0)


def _notice(hour: int) -> Expression:
    """Interests and comments per day that a pitch has been hanging, a little more than 0."""
    begin = dt.datetime.fromtimestamp(hour * HOUR, dt.UTC)
    seconds = Extract(Value(begin, output_field=DateTimeField()) - F("published_at"), "epoch")
    days = Greatest(Cast(seconds, FloatField()) / DAY, 0.0)
    noticed = Cast(_interest_count() + comment_count(), FloatField())
    return (noticed + 1.0) / (days + 1.0)


def _interest_count() -> Expression:
    rows = Interest.objects.filter(proposal__pitch=OuterRef("pk")).order_by()
    counted = rows.values("proposal__pitch").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def comment_count() -> Expression:
    """Published comments of a pitch. Through the relation: the app above is not imported."""
    rows = Pitch.objects.filter(pk=OuterRef("pk"), comments__state="published").order_by()
    counted = rows.values("pk").annotate(n=Count("comments")).values("n")
    return Coalesce(Subquery(counted), 0)


def with_cards(pitches: PitchQuerySet) -> PitchQuerySet:
    """What :func:`cards` reads: three queries more, however many pitches."""
    sessions = (
        Proposal.objects.on_the_wall()
        .with_interest_count()
        .defer("search", "abstract")
        .order_by("position")
    )
    return (
        pitches.annotate(comment_count=comment_count())
        .defer("search", "body")
        .prefetch_related(Prefetch("proposals", sessions, to_attr="hung"))
        .with_hosts()
        .with_tags()
    )


@dataclass(frozen=True)
class Card:
    """A pitch on the wall; ``lead`` is the session whose form the card takes."""

    pitch: Pitch
    lead: Proposal
    mark: Mark
    session_count: int


def cards(pitches: Iterable[Pitch], marks: Marks, want: Asked | None = None) -> list[Card]:
    """Cards of pitches that were loaded :func:`with_cards`; asks nothing.

    The first session that was asked for leads; the card of several counts the interest in all.
    """
    want = want or Asked()
    made = (_card(pitch, marks, want) for pitch in pitches)
    return [card for card in made if card]


def _card(pitch: Pitch, marks: Marks, want: Asked) -> Card | None:
    sessions: list[Proposal] = pitch.hung  # type: ignore[attr-defined]  # by with_cards
    if not sessions:
        return None  # it lost its last session between two queries
    lead = next(filter(want.fits, sessions), sessions[0])
    mark = marks.of(lead)
    if len(sessions) > 1 and mark.count is not None:
        mark = replace(mark, count=sum(session.interest_count for session in sessions))
    return Card(pitch=pitch, lead=lead, mark=mark, session_count=len(sessions))


def hosted_by(event: Event, person_id: int) -> PitchQuerySet:
    """What somebody has hanging on the wall, the newest first."""
    hosting = Host.objects.accepted().filter(pitch=OuterRef("pk"), person=person_id)
    return hanging(event).filter(Exists(hosting)).order_by("-published_at", "-pk")


def tags(event: Event) -> list[Tag]:
    """The tags of the wall, most used first, each with ``uses``."""
    public = Q(items__content_object__in=hanging(event).values("pk"))
    used = Tag.objects.filter(public).annotate(uses=Count("items"))
    return list(used.order_by("-uses", "name")[:TAGS_OFFERED])


def most_discussed(event: Event, *, limit: int = 6) -> PitchQuerySet:
    """Pitches with comments, the longest discussion first; load them with :func:`with_cards`."""
    discussed = hanging(event).filter(comments__state="published").distinct()
    return discussed.order_by(comment_count().desc(), "-published_at", "-pk")[:limit]
