"""Measure the organisers' board; see README.md.

    python bench/board.py

Fills a database of its own, which it drops afterwards.
"""

import datetime as dt
import logging
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django
from django.conf import settings

from config import devdb

SIZES = ((30, 6, 5), (200, 10, 20))  # sessions, rooms, slots
PEOPLE, WISHES = 250, 8
TIMES = 7  # each, of which the quickest counts


def main() -> None:
    settings.DATABASES["default"]["TEST"] = {"NAME": "bench_board", "MIGRATE": False}
    if not os.environ.get("DATABASE_URL"):
        devdb.ensure_running()
    django.setup()
    logging.disable(logging.INFO)
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"{'sessions':>8}  {'what':<32} {'ms':>7} {'kB':>6}")
        for size in SIZES:
            measure(*size)
    finally:
        teardown_databases(made, verbosity=0)
        if not os.environ.get("DATABASE_URL"):
            devdb.stop_if_started()


def measure(sessions: int, rooms: int, slots: int) -> None:
    """One line per thing that an organiser waits for; five in six sessions have a place."""
    from django.test import Client
    from django.urls import reverse

    from sessions.scheduling import boards, grid

    event, organiser, waiting = fill(sessions, rooms, slots)
    desk = Client(headers={"accept-language": "de"})
    desk.force_login(organiser)
    url = reverse("admin:program_event_board", args=[event.pk])
    held, htmx = waiting[0], {"HX-Request": "true"}
    draft = grid.load(event)
    ways: dict[str, Callable[[], object]] = {
        "costs of every cell, one in hand": lambda: (
            boards.board(draft, zone=event.zone, held=held.code).days
        ),
        "board as a page": lambda: desk.get(url),
        "board with one in hand": lambda: desk.get(url, {"held": held.code}, headers=htmx),
        "a pin, answered with the board": lambda: pin(desk, url, draft),
    }
    for name, way in ways.items():
        took, answer = quickest(way)
        size = f"{len(answer.content) / 1000:6.1f}" if hasattr(answer, "content") else ""
        print(f"{sessions:>8}  {name:<32} {took * 1000:7.1f} {size}", flush=True)


def pin(desk, url, draft):
    from sessions.models import Placement

    place = Placement.objects.select_related("proposal").get(
        proposal__code=draft.placed[0].session.code
    )
    verb = "unpin" if place.pinned else "pin"
    sent = {"session": f"{place.proposal.code}/{place.token}"}
    return desk.post(f"{url}{verb}/", sent, headers={"HX-Request": "true"})


def quickest(way: Callable[[], object]) -> tuple[float, object]:
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        answer = way()
        took.append(time.perf_counter() - begun)
    return min(took), answer


def fill(sessions: int, rooms: int, slots: int):
    """An event, its organiser, and the sessions that wait; always the same."""
    from sessions.models import Interest
    from tests import factories as make
    from tests.factories.program import during, hour

    rng = random.Random(sessions)
    event = make.EventFactory(language="de")
    halls = [make.RoomFactory(event=event, capacity=rng.randrange(8, 60)) for _ in range(rooms)]
    starts = [hour(number % 10 + number // 10 * 24) for number in range(slots)]
    for start in starts:
        make.SlotFactory(event=event, starts_at=start, ends_at=start + dt.timedelta(minutes=45))
    draft = make.ScheduleFactory(event=event)
    people = [make.UserFactory() for _ in range(PEOPLE)]
    made = [
        make.ProposalFactory(
            accepted=True, pitch__event=event, pitch__owner=people[number % PEOPLE]
        )
        for number in range(sessions)
    ]
    cells = [(room, start) for start in starts for room in halls]
    for proposal, (room, start) in zip(made[: sessions * 5 // 6], cells, strict=False):
        make.PlacementFactory(schedule=draft, proposal=proposal, room=room, during=during(start))
    Interest.objects.bulk_create(
        Interest(user=person, proposal=proposal)
        for person in people
        for proposal in rng.sample(made, WISHES)
    )
    return event, make.MembershipFactory(event=event).user, made[sessions * 5 // 6 :]


if __name__ == "__main__":
    main()
