"""What the worker does for discussions: every round, and once a day. Each step may run twice."""

import datetime as dt

from comments import confirmations, filters, leaving, notifications, proofs, rates
from comments.mentions import scan


def every_round(now: dt.datetime) -> None:
    """About once a second; every step begins with one indexed query."""
    leaving.bury_left(now)
    notifications.send_due(now)
    scan.pitches(now)


def every_day(now: dt.datetime) -> None:
    """Forget what is not needed any more."""
    confirmations.tidy(now)
    rates.tidy(now)
    proofs.tidy(now)
    filters.tidy(now)
