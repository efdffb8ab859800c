"""The planner: which session is when and where, so that people reach most of what they want.

Pure: no database, no Django. ``plan(instance, seed=…, seconds=…)`` is all that a caller needs.
"""

from sessions.scheduling.solver.instance import (
    BadInstance,
    Id,
    Instance,
    Person,
    Place,
    Reason,
    Room,
    Session,
    Slot,
    Unplaced,
)
from sessions.scheduling.solver.planning import Plan, plan, random_reach
from sessions.scheduling.solver.score import Loss, Score, losses, lost_by_session, reach, score

__all__ = [
    "BadInstance",
    "Id",
    "Instance",
    "Loss",
    "Person",
    "Place",
    "Plan",
    "Reason",
    "Room",
    "Score",
    "Session",
    "Slot",
    "Unplaced",
    "losses",
    "lost_by_session",
    "plan",
    "random_reach",
    "reach",
    "score",
]
