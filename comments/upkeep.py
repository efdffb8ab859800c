"""What the worker does for discussions: every round, and once a day. Each step may run twice."""

import datetime as dt


def every_round(now: dt.datetime) -> None:
    """About once a second; every step begins with one indexed query."""


def every_day(now: dt.datetime) -> None:
    """Forget what is not needed any more."""
