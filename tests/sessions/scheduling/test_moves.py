"""Moves on the draft: what they do, what they refuse, and what they tell the second organiser."""

import datetime as dt

import pytest
from django.utils import timezone, translation

from sessions.models import Move, Placement, Slot
from sessions.scheduling import moves
from sessions.scheduling.moves import NoSlot, NotAccepted, Pinned, RoomTaken, Stale
from tests.factories import (
    EventFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    event = EventFactory()
    for number in range(4):
        SlotFactory(event=event, number=number)
    with timezone.override(event.zone), translation.override("en"):
        yield event


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal")


@pytest.fixture
def galerie(event):
    return RoomFactory(event=event, name="Galerie")


@pytest.fixture
def doing():
    return {"by": UserFactory(profile__name="Aylin Kaya"), "now": NOW}


def session(event, **fields):
    return ProposalFactory(accepted=True, pitch__event=event, **fields)


def where(proposal):
    place = Placement.objects.get(proposal=proposal, schedule__version=None)
    return place.room.name, place.during.lower, place.during.upper


def test_place_takes_the_minutes_of_the_session_from_the_start_of_the_slot(event, saal, doing):
    proposal = session(event, minutes=90)
    placement = moves.place(proposal, room=saal, starts_at=hour(1), **doing)
    assert where(proposal) == ("Saal", hour(1), hour(2, minutes=30))
    assert (placement.revision, placement.moved_by, placement.moved_at) == (1, doing["by"], NOW)


def test_place_uses_the_one_draft_of_the_event(event, saal, doing):
    draft = ScheduleFactory(event=event)
    ScheduleFactory(event=event, version=1)
    assert moves.place(session(event), room=saal, starts_at=hour(0), **doing).schedule == draft


def test_place_may_follow_a_short_session_inside_its_slot(event, saal, doing):
    short, next_one = session(event, minutes=15), session(event, minutes=15)
    moves.place(short, room=saal, starts_at=hour(0), **doing)
    moves.place(next_one, room=saal, starts_at=hour(0, minutes=15), **doing)
    assert where(next_one)[1] == hour(0, minutes=15)


def test_move_changes_room_and_time_and_leaves_a_row(event, saal, galerie, doing):
    proposal = session(event)
    placement = moves.place(proposal, room=saal, starts_at=hour(0), **doing)
    moved = moves.move(proposal, room=galerie, starts_at=hour(2), expected=placement.token, **doing)
    assert where(proposal) == ("Galerie", hour(2), hour(2, minutes=45))
    assert moved.revision == 2
    row = Move.objects.latest("id")
    assert (row.by, row.kind, row.proposal, row.at) == (doing["by"], "moved", proposal, NOW)
    assert row.before["room_name"] == "Saal"
    assert row.after == {
        "room": galerie.pk,
        "room_name": "Galerie",
        "starts_at": hour(2).isoformat(),
        "ends_at": hour(2, minutes=45).isoformat(),
        "pinned": False,
    }


def test_move_may_overlap_its_own_old_place(event, saal, doing):
    proposal = session(event, minutes=90)
    placement = moves.place(proposal, room=saal, starts_at=hour(0), **doing)
    moves.move(proposal, room=saal, starts_at=hour(1), expected=placement.token, **doing)
    assert where(proposal)[1] == hour(1)


def test_move_is_refused_when_another_organiser_moved_the_session(event, saal, galerie, doing):
    proposal = session(event, title="Fax")
    seen = moves.place(proposal, room=saal, starts_at=hour(0), **doing).token
    moves.move(proposal, room=galerie, starts_at=hour(2), expected=seen, **doing)
    with pytest.raises(Stale) as refused:
        moves.move(proposal, room=saal, starts_at=hour(3), expected=seen, **doing)
    assert str(refused.value) == (
        "Nothing was changed, because the board had changed before: "
        "Aylin Kaya put “Fax” at Mon 11:00, Galerie (done at Thu 14:00)."
    )
    assert where(proposal)[0] == "Galerie"


def test_move_is_refused_when_another_organiser_took_the_session_off(event, saal, doing):
    proposal = session(event, title="Fax")
    seen = moves.place(proposal, room=saal, starts_at=hour(0), **doing).token
    moves.unplace(proposal, expected=seen, **doing)
    with pytest.raises(Stale, match="Aylin Kaya took “Fax” off the board at Thu 14:00"):
        moves.move(proposal, room=saal, starts_at=hour(3), expected=seen, **doing)


def test_move_is_refused_when_the_session_was_placed_anew(event, saal, galerie, doing):
    """The new row begins at revision 1 again and is still another one."""
    proposal = session(event)
    seen = moves.place(proposal, room=saal, starts_at=hour(0), **doing).token
    moves.unplace(proposal, expected=seen, **doing)
    moves.place(proposal, room=galerie, starts_at=hour(1), **doing)
    with pytest.raises(Stale):
        moves.move(proposal, room=saal, starts_at=hour(3), expected=seen, **doing)


def test_place_is_refused_when_another_organiser_placed_the_session(event, saal, galerie, doing):
    proposal = session(event)
    moves.place(proposal, room=saal, starts_at=hour(0), **doing)
    with pytest.raises(Stale):
        moves.place(proposal, room=galerie, starts_at=hour(1), **doing)
    assert where(proposal)[0] == "Saal"


def test_taken_room_is_refused_and_says_who_took_it(event, saal, doing):
    moves.place(session(event, title="Fax", minutes=90), room=saal, starts_at=hour(0), **doing)
    with pytest.raises(RoomTaken) as refused:
        moves.place(session(event), room=saal, starts_at=hour(1), **doing)
    assert str(refused.value) == (
        "This place is taken. Pick another or swap. "
        "Aylin Kaya put “Fax” at Mon 09:00, Saal (done at Thu 14:00)."
    )


def test_session_that_is_not_accepted_is_refused(event, saal, doing):
    with pytest.raises(NotAccepted):
        moves.place(ProposalFactory(pitch__event=event), room=saal, starts_at=hour(0), **doing)


@pytest.mark.parametrize("start", [hour(0) - dt.timedelta(minutes=1), hour(0, minutes=45), hour(9)])
def test_session_must_begin_in_a_slot(event, saal, doing, start):
    with pytest.raises(NoSlot):
        moves.place(session(event), room=saal, starts_at=start, **doing)


def test_session_cannot_begin_in_a_break(event, saal, doing):
    SlotFactory(event=event, number=6, kind=Slot.Kind.BREAK)
    with pytest.raises(NoSlot):
        moves.place(session(event), room=saal, starts_at=hour(6), **doing)


def test_room_of_another_event_is_refused(event, doing):
    with pytest.raises(NoSlot):
        moves.place(session(event), room=RoomFactory(), starts_at=hour(0), **doing)


def test_swap_exchanges_places_and_keeps_lengths(event, saal, galerie, doing):
    one, two = session(event, minutes=45), session(event, minutes=90)
    first = moves.place(one, room=saal, starts_at=hour(0), **doing)
    second = moves.place(two, room=galerie, starts_at=hour(1), **doing)
    moves.swap(one, two, expected=first.token, other_expected=second.token, **doing)
    assert where(one) == ("Galerie", hour(1), hour(1, minutes=45))
    assert where(two) == ("Saal", hour(0), hour(1, minutes=30))


def test_swap_is_refused_when_the_longer_one_does_not_fit(event, saal, galerie, doing):
    one, two, third = session(event), session(event, minutes=90), session(event)
    first = moves.place(one, room=saal, starts_at=hour(0), **doing)
    moves.place(third, room=saal, starts_at=hour(1), **doing)
    second = moves.place(two, room=galerie, starts_at=hour(0), **doing)
    with pytest.raises(RoomTaken):
        moves.swap(one, two, expected=first.token, other_expected=second.token, **doing)
    assert (where(one)[0], where(two)[0]) == ("Saal", "Galerie")


def test_swap_is_refused_when_the_two_would_overlap_each_other(event, saal, doing):
    """Back to back in one room, the longer one would reach into the shorter one's new place."""
    one, two = session(event, minutes=45), session(event, minutes=90)
    first = moves.place(one, room=saal, starts_at=hour(0), **doing)
    second = moves.place(two, room=saal, starts_at=hour(1), **doing)
    with pytest.raises(RoomTaken):
        moves.swap(one, two, expected=first.token, other_expected=second.token, **doing)
    assert where(one)[1] == hour(0)


def test_swap_with_an_unplaced_session_pushes_the_other_out(event, saal, doing):
    one, two = session(event), session(event)
    second = moves.place(two, room=saal, starts_at=hour(0), **doing)
    moves.swap(one, two, expected="", other_expected=second.token, **doing)
    assert where(one)[:2] == ("Saal", hour(0))
    assert not two.placements.exists()


def test_unplaced_session_leaves_the_board(event, saal, doing):
    proposal = session(event)
    seen = moves.place(proposal, room=saal, starts_at=hour(0), **doing).token
    moves.unplace(proposal, expected=seen, **doing)
    assert not proposal.placements.exists()
    assert Move.objects.latest("id").after is None


@pytest.mark.parametrize("verb", ["move", "unplace", "swap", "swapped", "pushed out"])
def test_pinned_session_stays(event, saal, galerie, doing, verb):
    held, other = session(event), session(event)
    placed = moves.place(held, room=saal, starts_at=hour(0), **doing)
    pinned = moves.pin(held, expected=placed.token, **doing).token
    free = moves.place(other, room=galerie, starts_at=hour(0), **doing).token
    third = session(event)
    attempts = {
        "move": lambda: moves.move(held, room=saal, starts_at=hour(2), expected=pinned, **doing),
        "unplace": lambda: moves.unplace(held, expected=pinned, **doing),
        "swap": lambda: moves.swap(held, other, expected=pinned, other_expected=free, **doing),
        "swapped": lambda: moves.swap(other, held, expected=free, other_expected=pinned, **doing),
        "pushed out": lambda: moves.swap(third, held, expected="", other_expected=pinned, **doing),
    }
    with pytest.raises(Pinned):
        attempts[verb]()
    assert where(held)[:2] == ("Saal", hour(0))


def test_unpinned_session_moves_again(event, saal, galerie, doing):
    proposal = session(event)
    placed = moves.place(proposal, room=saal, starts_at=hour(0), **doing)
    pinned = moves.pin(proposal, expected=placed.token, **doing)
    unpinned = moves.unpin(proposal, expected=pinned.token, **doing)
    moves.move(proposal, room=galerie, starts_at=hour(0), expected=unpinned.token, **doing)
    assert where(proposal)[0] == "Galerie"


def test_pinning_twice_is_one_fact(event, saal, doing):
    proposal = session(event)
    placed = moves.place(proposal, room=saal, starts_at=hour(0), **doing)
    pinned = moves.pin(proposal, expected=placed.token, **doing)
    assert moves.pin(proposal, expected=pinned.token, **doing).token == pinned.token
