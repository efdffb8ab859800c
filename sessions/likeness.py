"""Which pitches of an event speak of the same: core PostgreSQL, no extension."""

import re
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, Expression, F, FloatField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from sessions.models import Event, Pitch, PitchTag
from sessions.search import CONFIGURATIONS
from sessions.walls import hanging

WORD = re.compile(r"[^\W\d_]{3,}")
MOST_WORDS = 20
# ts_rank sums over the words looked for and divides by their number: of five, one in the other
# pitch's title gives about this much, one in its text less than half. A shared tag is worth that.
TAG = 0.12
LEAST = 0.04  # below it a single word of a long text is all that they share


def similar(pitch: Pitch, *, event: Event, tags: Iterable[str], limit: int = 4) -> list[int]:
    """Ids of the pitches on the wall that are most like ``pitch``, the likest first; one query.

    They share tags (by slug), or words of its title or of its tags stand in theirs.
    """
    tags = list(tags)
    alike = Q(tag_items__tag__slug__in=tags)
    rank: Expression = Value(0.0)
    if words := WORD.findall(" ".join([pitch.title, *tags]))[:MOST_WORDS]:
        said = SearchQuery(
            " or ".join(f'"{word}"' for word in words),
            config=CONFIGURATIONS.get(pitch.language, "simple"),
            search_type="websearch",
        )
        alike |= Q(search=said)
        rank = SearchRank(F("search"), said)
    others = hanging(event).filter(alike).exclude(pk=pitch.pk).distinct()
    scored = others.annotate(likeness=rank + TAG * _shared(tags)).filter(likeness__gte=LEAST)
    return list(scored.order_by("-likeness", "-pk").values_list("pk", flat=True)[:limit])


def _shared(tags: list[str]) -> Coalesce:
    rows = PitchTag.objects.filter(content_object=OuterRef("pk"), tag__slug__in=tags).order_by()
    counted = rows.values("content_object").annotate(n=Count("pk")).values("n")
    return Coalesce(Cast(Subquery(counted), FloatField()), 0.0)
