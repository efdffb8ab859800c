"""Full-text search over the wall: stems in the event's language, and the hosts' names."""

from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from sessions.models import Event, Host, Proposal
from sessions.models.pitch import PitchQuerySet

CONFIGURATIONS = {"de": "german", "en": "english"}
# Ranking reads the vector of every row that it ranks: 2 s for a common word over 100,000 rows.
CANDIDATES = 500
NAMED = 2.0  # more than any rank: who types a name looks for the person


class BeginningQuery(SearchQuery):
    """Lets the last word be the beginning of one: German builds long ones, and people still type.

    "Garten" then finds "Gartenordnung". A query that ends in a bracket stays as it is.
    """

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(*args, **kwargs)
        return f"regexp_replace(({sql})::text, '''$', ''':*')::tsquery", params


def matching(pitches: PitchQuerySet, q: str, *, event: Event) -> PitchQuerySet:
    """Those whose own words, a session's words or a host's name match ``q``.

    ``q`` is read as on the web: quoted phrases, ``or``, ``-not``; the last word may be a
    beginning; nothing in it is an error.
    """
    said = Q(search=_query(q, event)) | Q(Exists(_proposals(q, event)))
    return pitches.filter(said | Q(Exists(_hosts(q))))


def ranked(pitches: PitchQuerySet, q: str, *, event: Event) -> PitchQuerySet:
    """The newest ``CANDIDATES`` of what :func:`matching` found, the best match first."""
    newest = pitches.order_by("-published_at", "-pk").values("pk")[:CANDIDATES]
    of_session = (
        _proposals(q, event)
        .order_by()
        .values("pitch")
        .annotate(best=Max(SearchRank(F("search"), _query(q, event))))
        .values("best")
    )
    rank = Greatest(
        SearchRank(F("search"), _query(q, event)),
        Coalesce(Subquery(of_session, output_field=FloatField()), 0.0),
        Case(When(Exists(_hosts(q)), then=Value(NAMED)), default=0.0),
    )
    found = event.pitches.filter(pk__in=newest)
    return found.order_by(rank.desc(), "-published_at", "-pk")


def _query(q: str, event: Event) -> SearchQuery:
    configuration = CONFIGURATIONS.get(event.language, "simple")
    return BeginningQuery(q, config=configuration, search_type="websearch")


def _proposals(q: str, event: Event) -> QuerySet[Proposal]:
    return Proposal.objects.on_the_wall().filter(pitch=OuterRef("pk"), search=_query(q, event))


def _hosts(q: str) -> QuerySet[Host]:
    return Host.objects.accepted().filter(pitch=OuterRef("pk"), person__profile__name__icontains=q)
