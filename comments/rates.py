"""How often somebody may do something: a sliding window, exact over all workers.

Whoever asks for the same limit waits for the other's transaction (advisory locks, taken in sorted
order); what is counted are rows, so that a worker that dies or starts anew forgets nothing. Who it
was is stored as a keyed digest only.
"""

import base64
import datetime as dt
import math
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from comments.models import Attempt

MINUTE = dt.timedelta(minutes=1)
KEPT_FOR = dt.timedelta(days=1)  # no limit looks further back


class TooMany(Exception):
    """``seconds`` from now it is possible again; ``str()`` is fit to be shown."""

    def __init__(self, wait: dt.timedelta) -> None:
        self.wait = wait
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        super().__init__(wait)

    def __str__(self) -> str:
        minutes = math.ceil(self.seconds / 60)
        return ngettext(
            "Too many attempts. Please wait %(minutes)s minute.",
            "Too many attempts. Please wait %(minutes)s minutes.",
            minutes,
        ) % {"minutes": minutes}


@dataclass(frozen=True, slots=True)
class Limit:
    """``what`` may be done ``at_most`` so often ``within`` that time by ``who``."""

    what: str
    who: object
    at_most: int
    within: dt.timedelta = MINUTE

    @property
    def key(self) -> str:
        digest = salted_hmac("stellwand.rates", f"{self.what}:{self.who}", algorithm="sha256")
        return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


@transaction.atomic
def consume(*limits: Limit, now: dt.datetime) -> None:
    """Note one use under every limit, or none at all. Raises :class:`TooMany`.

    The locks are held to the end of the caller's transaction; one that holds a pitch's row, too,
    takes that first.
    """
    ordered = sorted(limits, key=lambda limit: limit.key)
    with connection.cursor() as cursor:
        for limit in ordered:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [limit.key])
    waits = [wait for limit in ordered if (wait := _wait(limit, now))]
    if waits:
        raise TooMany(max(waits))
    Attempt.objects.bulk_create(Attempt(key=limit.key, at=now) for limit in ordered)


def tidy(now: dt.datetime) -> None:
    """Forget what no limit looks at any more."""
    Attempt.objects.filter(at__lte=now - KEPT_FOR).delete()


def _wait(limit: Limit, now: dt.datetime) -> dt.timedelta | None:
    """Until the oldest of the last ``at_most`` uses leaves the window; None if there is room."""
    uses = Attempt.objects.filter(key=limit.key).since(now - limit.within)
    latest = list(uses.order_by("-at").values_list("at", flat=True)[: limit.at_most])
    return latest[-1] + limit.within - now if len(latest) == limit.at_most else None
