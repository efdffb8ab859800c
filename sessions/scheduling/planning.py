"""Ask the planner: at once where that is under a second, else in the background."""

import datetime as dt
from typing import Any

from django.db import transaction

from sessions import tasks
from sessions.models import Event, Move, PlanDraft
from sessions.scheduling import changes, grid, plans
from sessions.scheduling.cases import Case
from sessions.scheduling.solver import BadInstance
from speakers.models import User

AT_ONCE = 60  # sessions
SECONDS_EACH = 1 / 150  # of a search at once, by session
SECONDS_LONG = 4.0  # of a search in the background
KEPT = 5  # suggestions of an event


def suggest(
    event: Event, *, mode: str, seed: int, by: User, now: dt.datetime, hurry: bool = False
) -> PlanDraft:
    """A suggestion for the draft as it is: done, or to be computed by the worker.

    ``hurry``: at once even if there are many sessions, which then are searched less thoroughly.
    Older suggestions are forgotten.
    """
    last_move = _last_move(event)
    shown = grid.load(event)
    sessions = len(shown.sessions)
    is_short = hurry or sessions <= AT_ONCE
    seconds = max(1, min(sessions, AT_ONCE)) * SECONDS_EACH if is_short else SECONDS_LONG
    asked: dict[str, Any] = {"mode": mode, "seed": seed, "seconds": seconds}
    draft = PlanDraft(
        event=event,
        by=by,
        at=now,
        last_move=last_move,
        **asked,
        **(_found(event, shown, **asked, now=now) if is_short else {}),
    )
    with transaction.atomic():
        draft.save()
        old = event.plans.newest_first().values("pk")[KEPT:]
        event.plans.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
        if not is_short:
            tasks.make_plan.enqueue(draft.pk)
    return draft


def make(draft_id: int, *, now: dt.datetime) -> None:
    """Compute what waits, for the worker; nothing if it is done or forgotten."""
    waiting = PlanDraft.objects.filter(pk=draft_id, result__isnull=True).select_related("event")
    draft = waiting.first()
    if draft is None:
        return
    running = {"state": PlanDraft.State.RUNNING, "started_at": now}
    waiting.update(**running, last_move=_last_move(draft.event))
    asked: dict[str, Any] = {"mode": draft.mode, "seed": draft.seed, "seconds": draft.seconds}
    waiting.update(**_found(draft.event, grid.load(draft.event), **asked, now=now))


def _found(
    event: Event, shown: grid.Grid, *, mode: str, seed: int, seconds: float, now: dt.datetime
) -> dict[str, Any]:
    """The fields that the search fills."""
    case = Case(
        shown,
        improve=mode == PlanDraft.Mode.IMPROVE,
        published=changes.spots_in(event.schedules.published().first()),
        since=now if event.live else None,
    )
    try:
        suggestion = plans.propose(case, seed=seed, seconds=seconds)
    except BadInstance:
        return {"state": PlanDraft.State.FAILED}
    return {"state": PlanDraft.State.DONE, "result": plans.to_json(suggestion)}


def _last_move(event: Event) -> int:
    newest = Move.objects.filter(event=event).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
