"""Organisers at once, each on a connection of their own."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from sessions.models import Move, Placement
from sessions.scheduling import moves
from sessions.scheduling.moves import Refused, RoomTaken, Stale
from tests import at_once as together
from tests.factories import (
    EventFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db(transaction=True)

at_once = partial(together.at_once, refusals=Refused)


@pytest.fixture
def event():
    event = EventFactory()
    for number in range(4):
        SlotFactory(event=event, number=number)
    return event


def test_of_two_sessions_for_one_cell_one_gets_it_and_the_other_is_told(event):
    room = RoomFactory(event=event, name="Saal")
    proposals = [ProposalFactory(accepted=True, pitch__event=event) for _ in range(2)]
    users = [UserFactory(profile__name=name) for name in ("Aylin Kaya", "Jörg Müßig")]
    results = at_once(
        *(
            lambda proposal=proposal, user=user: moves.place(
                proposal, room=room, starts_at=hour(0), by=user, now=NOW
            )
            for proposal, user in zip(proposals, users, strict=True)
        )
    )
    (winner,) = [result for result in results if isinstance(result, Placement)]
    (refused,) = [result for result in results if isinstance(result, RoomTaken)]
    assert Placement.objects.get() == winner
    assert refused.happened.by == winner.moved_by.profile.name
    assert refused.happened.room_name == "Saal"


def test_of_two_moves_of_one_session_one_counts_and_the_other_is_told(event):
    draft = ScheduleFactory(event=event)
    place = PlacementFactory(schedule=draft, during=during(hour(0)))
    other = RoomFactory(event=event)
    user = UserFactory()
    results = at_once(
        *(
            lambda number=number: moves.move(
                place.proposal,
                room=other,
                starts_at=hour(number),
                expected=place.token,
                by=user,
                now=NOW,
            )
            for number in (1, 2)
        )
    )
    assert Counter(type(result) for result in results) == {Placement: 1, Stale: 1}
    assert Placement.objects.get().revision == 2


def test_constraint_turns_a_write_without_the_lock_into_a_refusal(event):
    draft = ScheduleFactory(event=event)
    room = RoomFactory(event=event)
    proposal = ProposalFactory(accepted=True, pitch__event=event)
    intruder = ProposalFactory(accepted=True, pitch__event=event)
    moved, written = threading.Event(), threading.Event()

    def write_without_the_lock():
        moved.wait(10)
        try:
            with transaction.atomic():
                PlacementFactory(
                    schedule=draft, proposal=intruder, room=room, during=during(hour(0))
                )
                written.set()
        except IntegrityError:
            return "lost"
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(1) as pool:
        intruding = pool.submit(write_without_the_lock)
        try:
            with moves.moving(event):
                Placement.objects.create(
                    schedule=draft, proposal=proposal, room=room, during=during(hour(0))
                )
                moved.set()
                written.wait(10)
        except RoomTaken:
            outcome = "refused"
        else:
            outcome = "placed"
        assert (outcome, intruding.result()) in {("placed", "lost"), ("refused", "won")}
    assert Placement.objects.count() == 1


def test_two_hundred_moves_at_once_never_break_the_grid_nor_get_lost_silently(event):
    draft = ScheduleFactory(event=event)
    rooms = [RoomFactory(event=event) for _ in range(3)]
    proposals = [
        ProposalFactory(accepted=True, pitch__event=event, minutes=minutes)
        for minutes in (15, 45, 45, 45, 60, 90, 120, 45)
    ]
    users = [UserFactory() for _ in range(4)]
    dice = random.Random(7)
    plan = [
        [(dice.choice(proposals), dice.choice(proposals), dice.choice(rooms), dice.randrange(4),
          dice.random()) for _ in range(50)]
        for _ in users
    ]  # fmt: skip

    def organiser(user, tasks):
        outcomes = Counter()
        for proposal, other, room, number, chance in tasks:
            tokens = {
                place.proposal_id: place.token for place in Placement.objects.in_draft_of(event)
            }
            seen, others = tokens.get(proposal.pk, ""), tokens.get(other.pk, "")
            doing = {"by": user, "now": NOW}
            try:
                if chance < 0.3 and others and proposal != other:
                    moves.swap(proposal, other, expected=seen, other_expected=others, **doing)
                    outcomes["rows"] += 2
                elif seen and chance < 0.4:
                    moves.unplace(proposal, expected=seen, **doing)
                    outcomes["rows"] += 1
                elif seen:
                    moves.move(proposal, room=room, starts_at=hour(number), expected=seen, **doing)
                    outcomes["rows"] += 1
                else:
                    moves.place(proposal, room=room, starts_at=hour(number), **doing)
                    outcomes["rows"] += 1
                outcomes["done"] += 1
            except Refused as refused:
                outcomes[type(refused).__name__] += 1
        return outcomes

    results = at_once(
        *(
            lambda user=user, tasks=tasks: organiser(user, tasks)
            for user, tasks in zip(users, plan, strict=True)
        )
    )
    total = sum(results, Counter())
    assert sum(count for name, count in total.items() if name != "rows") == 200
    assert total["done"] > 20
    # Each success left its rows in the log, and the log leads to the grid as it is.
    assert Move.objects.count() == total["rows"]
    told = {}
    for entry in Move.objects.order_by("id"):
        after = entry.after
        told[entry.proposal_id] = after and (after["room"], after["starts_at"])
    assert {pk: spot for pk, spot in told.items() if spot} == {
        place.proposal_id: (place.room_id, place.during.lower.isoformat())
        for place in draft.placements.all()
    }
    for place in draft.placements.all():
        assert not (
            draft.placements.overlapping(place.room_id, place.during).exclude(pk=place.pk).exists()
        )
