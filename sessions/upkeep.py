"""What the worker does for events, about once a second. Each step may run twice."""

import datetime as dt

from sessions import announcing, reminders


def every_round(now: dt.datetime) -> None:
    """Every step begins with one indexed query, which is all when nothing is due."""
    announcing.send_due(now)
    reminders.send_due(now)
