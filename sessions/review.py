"""Reviewing ("Sichten"): the sessions of the wall with all that organisers decide by.

One load holds the whole wall, because the order, the neighbours of a pitch, the count of what is
still open and the other pitches of its hosts all come from it: two queries, however many there are.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from config.lib.text import clean_line
from sessions import search
from sessions.models import (
    Event,
    OrganiserNote,
    Pitch,
    PitchTag,
    Preparation,
    Proposal,
    SavedFilter,
    Vote,
)
from sessions.walls import QUERY_MAX_LENGTH
from speakers.models import User

State = Proposal.State
WEEK = dt.timedelta(days=7)
# Interest comes fastest at first: what hangs for an hour shall not beat everything by one click.
YOUNGEST = dt.timedelta(days=3)

STANDINGS = {
    "open": _("still open"),
    "prepared": _("prepared"),
    "decided": _("decided"),
    "unvoted": _("without my vote"),
}


@dataclass(frozen=True)
class Asked:
    """What an organiser wants to see of the wall; "" is everything. Made by :func:`asked`."""

    q: str = ""
    format: str = ""
    ripeness: str = ""
    tag: str = ""
    standing: str = ""
    order: str = ""  # a column, with "-" before it the other way round

    @property
    def query(self) -> str:
        """As the part of an address behind "?"."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(order=self.order)


def asked(query: QueryDict) -> Asked:
    """Read an address; what it says wrongly counts as not said."""

    def one_of(values: Iterable[str], name: str) -> str:
        value = query.get(name, "")
        return value if value in values else ""

    return Asked(
        q=clean_line(query.get("q", ""))[:QUERY_MAX_LENGTH].strip(),
        format=one_of(Proposal.Format.values, "format"),
        ripeness=one_of(Proposal.Ripeness.values, "ripeness"),
        tag=clean_line(query.get("tag", ""))[:100],
        standing=one_of(STANDINGS, "standing"),
        order=one_of([*COLUMNS, *(f"-{name}" for name in COLUMNS)], "order"),
    )


@dataclass(frozen=True)
class Ballot:
    by: int
    name: str
    value: int


@dataclass(frozen=True)
class Row:
    """A session with all that its columns show. ``rate`` is its interest per week on the wall.

    Members and visitors count alike in it; less than three days count as three, and the weeks end
    with the event.
    """

    proposal: Any  # a Proposal as _loaded() annotates it
    rate: float
    mine: Ballot | None
    others: tuple[Ballot, ...] = field(repr=False)

    @property
    def pitch(self) -> Pitch:
        return self.proposal.pitch

    @property
    def is_open(self) -> bool:
        """Nobody has decided on it, and nothing is prepared."""
        return self.proposal.state == State.OPEN and not self.proposal.prepared_state

    @property
    def ballots(self) -> tuple[Ballot, ...]:
        """All votes for whoever has voted, none for others."""
        return (self.mine, *self.others) if self.mine else ()

    @property
    def tally(self) -> str:
        """How many are for, neither and against it: "+2 ±1 −1"."""
        counted = Counter(ballot.value for ballot in self.ballots)
        return " ".join(f"{sign}{counted[n]}" for n, sign in SIGNS.items() if counted[n])

    @property
    def host_ids(self) -> set[int]:
        return {host.person_id for host in self.pitch.hosts.all()}

    @property
    def host_names(self) -> list[str]:
        return [host.person.profile.name for host in self.pitch.hosts.all()]


SIGNS = {Vote.Value.FOR: "+", Vote.Value.NEITHER: "±", Vote.Value.AGAINST: "−"}
RIPENESS, FORMATS, STATES = Proposal.Ripeness.values, Proposal.Format.values, State.values
# What the list can be ordered by, and how.
COLUMNS: dict[str, Callable[[Row], Any]] = {
    "session": lambda row: row.proposal.heading.casefold(),
    "hosts": lambda row: [name.casefold() for name in row.host_names],
    "format": lambda row: FORMATS.index(row.proposal.format),
    "ripeness": lambda row: RIPENESS.index(row.proposal.ripeness),
    "members": lambda row: row.proposal.member_count,
    "visitors": lambda row: row.proposal.visitor_count,
    "rate": lambda row: row.rate,
    "votes": lambda row: (row.mine is not None, sum(ballot.value for ballot in row.ballots)),
    "comments": lambda row: row.proposal.comment_count + row.proposal.held_count,
    "state": lambda row: (STATES.index(row.proposal.state), row.proposal.prepared_state),
}


@dataclass(frozen=True)
class Review:
    """The wall as one organiser sees it: ``rows`` as asked for, in order, ``everything`` there."""

    want: Asked
    everything: list[Row]
    rows: list[Row]

    @property
    def open_count(self) -> int:
        return sum(row.is_open for row in self.everything)

    @cached_property
    def codes(self) -> list[str]:
        """Of the pitches as asked for, each once."""
        return list(dict.fromkeys(row.pitch.code for row in self.rows))

    @cached_property
    def tags(self) -> dict[str, str]:
        """Slug and name of every tag, by name."""
        used = {tag["slug"]: tag["name"] for row in self.everything for tag in row.proposal.tags}
        return dict(sorted(used.items(), key=lambda tag: tag[1].casefold()))

    def of(self, code: str) -> list[Row]:
        """The sessions of a pitch in its order, [] if it does not hang on the wall."""
        rows = [row for row in self.everything if row.pitch.code == code]
        return sorted(rows, key=lambda row: row.proposal.position)

    def beside(self, code: str, step: int) -> str:
        """The code of the pitch before (-1) or after (1) another, "" at the end."""
        at = self.codes.index(code) + step if code in self.codes else 0
        return self.codes[at] if 0 <= at < len(self.codes) else ""

    def next_open(self, row: Row | None = None) -> Row | None:
        """What to decide after ``row``: of its own pitch first, then on from there, then all."""
        order = self.rows
        if row is not None:
            pitches = [each.pitch.code for each in self.rows]
            at = pitches.index(row.pitch.code) if row.pitch.code in pitches else 0
            order = self.of(row.pitch.code) + self.rows[at:] + self.rows[:at]
        return next((each for each in order if each.is_open and each is not row), None)

    def by_the_same(self, rows: list[Row]) -> list[Row]:
        """The other sessions that the hosts of a pitch have on the wall."""
        hosts, code = rows[0].host_ids, rows[0].pitch.code
        return [row for row in self.everything if row.pitch.code != code and row.host_ids & hosts]

    def pitches(self, ids: Iterable[int]) -> list[Row]:
        """The first session of each of these pitches, in the order of ``ids``."""
        first = {row.pitch.pk: row for row in reversed(self.everything)}
        return [first[pk] for pk in ids if pk in first]


def load(event: Event, want: Asked, *, by: User, now: dt.datetime) -> Review:
    """Two queries, one more for words that are looked for."""
    over = dt.datetime.combine(event.ends_on, dt.time.max, tzinfo=event.zone)
    until = min(now, over)
    everything = [_row(proposal, by=by, until=until) for proposal in _loaded(event)]
    rows = [row for row in everything if _fits(row, want)]
    if want.q:
        found = set(search.matching(event.pitches.public(), want.q, event=event).values_list("pk"))
        rows = [row for row in rows if (row.pitch.pk,) in found]
    column = COLUMNS.get(want.order.removeprefix("-"), lambda row: not row.is_open)
    rows.sort(key=column, reverse=want.order.startswith("-"))
    return Review(want=want, everything=everything, rows=rows)


def _loaded(event: Event) -> QuerySet[Proposal]:
    """What hangs on the wall, the oldest first."""
    ballots = Vote.objects.filter(proposal=OuterRef("pk")).order_by("pk")
    tags = PitchTag.objects.filter(content_object=OuterRef("pitch")).order_by("pk")
    steps = Preparation.objects.filter(proposal=OuterRef("pk")).newest_first()
    return (
        Proposal.objects.on_the_wall()
        .of_event(event)
        .select_related("pitch")
        .defer("search", "pitch__search", "pitch__body")
        .with_interest_apart()
        .with_hosts()
        .annotate(
            comment_count=_comments("published"),
            held_count=_comments("awaiting_email", "awaiting_moderation"),
            tags=ArraySubquery(tags.values(json=JSONObject(slug="tag__slug", name="tag__name"))),
            ballots=ArraySubquery(
                ballots.values(
                    json=JSONObject(
                        by="organiser_id", name="organiser__profile__name", value="value"
                    )
                )
            ),
            prepared_by=Subquery(steps.values("by__profile__name")[:1]),
        )
        .order_by("pitch__published_at", "pitch", "position")
    )


def _comments(*states: str) -> Coalesce:
    """Of the pitch, in these states. Through the relation: the app above is not imported."""
    rows = Pitch.objects.filter(pk=OuterRef("pitch"), comments__state__in=states).order_by()
    return Coalesce(Subquery(rows.values("pk").annotate(n=Count("comments")).values("n")), 0)


def _row(proposal: Any, *, by: User, until: dt.datetime) -> Row:
    ballots = [Ballot(**ballot) for ballot in proposal.ballots]
    hanging = max(until - proposal.pitch.published_at, YOUNGEST)
    return Row(
        proposal=proposal,
        rate=(proposal.member_count + proposal.visitor_count) * (WEEK / hanging),
        mine=next((ballot for ballot in ballots if ballot.by == by.pk), None),
        others=tuple(ballot for ballot in ballots if ballot.by != by.pk),
    )


def _fits(row: Row, want: Asked) -> bool:
    standing = {
        "": True,
        "open": row.is_open,
        "prepared": bool(row.proposal.prepared_state),
        "decided": row.proposal.state != State.OPEN,
        "unvoted": row.mine is None,
    }
    return (
        standing[want.standing]
        and want.format in ("", row.proposal.format)
        and want.ripeness in ("", row.proposal.ripeness)
        and (not want.tag or any(tag["slug"] == want.tag for tag in row.proposal.tags))
    )


def vote(proposal: Proposal, value: int, *, by: User, now: dt.datetime) -> Vote:
    """Say or change what ``by`` thinks of a session; saying the same again changes nothing."""
    vote, _created = Vote.objects.update_or_create(
        proposal=proposal, organiser=by, defaults={"value": value, "at": now}
    )
    return vote


def note(pitch: Pitch, text: str, *, by: User) -> OrganiserNote:
    return OrganiserNote.objects.create(pitch=pitch, text=text, author=by)


def keep_filter(event: Event, name: str, want: Asked, *, by: User) -> SavedFilter:
    """Keep a view of the list under a name; the same name again means the new view."""
    saved, _created = SavedFilter.objects.update_or_create(
        event=event, person=by, name=name, defaults={"query": want.query}
    )
    return saved
