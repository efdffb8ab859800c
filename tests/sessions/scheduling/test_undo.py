"""Undo and redo: as many steps as one made, only one's own, never over somebody else's move."""

import datetime as dt

import pytest
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.models import Move, Placement
from sessions.scheduling import moves, undo
from tests.factories import EventFactory, ProposalFactory, RoomFactory, SlotFactory, UserFactory
from tests.factories.program import NOW, hour

LATER = NOW + dt.timedelta(hours=2)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    event = EventFactory()
    for number in range(3):
        SlotFactory(event=event, number=number)
    for name in ("Saal", "Galerie"):
        RoomFactory(event=event, name=name)
    with timezone.override(event.zone), translation.override("en"):
        yield event


@pytest.fixture
def aylin():
    return UserFactory(profile__name="Aylin Kaya")


@pytest.fixture
def bernd():
    return UserFactory(profile__name="Bernd Ott")


def session(event, **fields):
    return ProposalFactory(accepted=True, pitch__event=event, **fields)


def board(event):
    """Every placed session with its room, start and pin."""
    rows = Placement.objects.in_draft_of(event).values_list(
        "proposal", "room__name", "during__startswith", "pinned"
    )
    return set(rows)


def token(proposal):
    return Placement.objects.get(proposal=proposal, schedule__version=None).token


def act(event, proposals, by, number):
    """One of many things that an organiser may do, chosen by ``number``; refusals are fine."""
    rooms = list(event.rooms.order_by("pk"))
    doing = {"by": by, "now": NOW + dt.timedelta(minutes=number)}
    proposal, other = proposals[number % 3], proposals[(number + 1) % 3]
    seen, others = (
        Placement.objects.in_draft_of(event).filter(proposal=each).first()
        for each in (proposal, other)
    )
    spot = {"room": rooms[number % 2], "starts_at": hour(number // 3 % 3)}
    try:
        if seen is None:
            moves.place(proposal, **spot, **doing)
        elif number % 5 == 0:
            moves.unplace(proposal, expected=seen.token, **doing)
        elif number % 5 == 1:
            (moves.unpin if seen.pinned else moves.pin)(proposal, expected=seen.token, **doing)
        elif number % 5 == 2 and others:
            expected = {"expected": seen.token, "other_expected": others.token}
            moves.swap(proposal, other, **expected, **doing)
        else:
            moves.move(proposal, **spot, expected=seen.token, **doing)
    except moves.Refused:
        return False
    return True


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(numbers=st.lists(st.integers(0, 60), max_size=8))
def test_undoing_all_and_doing_all_again_leads_through_the_same_boards(event, numbers):
    Move.objects.all().delete()
    Placement.objects.all().delete()
    aylin, proposals = UserFactory(), [session(event) for _ in range(3)]
    boards = [board(event)]
    for number in numbers:
        before = Move.objects.count()
        if act(event, proposals, aylin, number) and Move.objects.count() > before:
            boards.append(board(event))
    for expected in reversed(boards[:-1]):
        undo.undo(event, by=aylin, now=LATER)
        assert board(event) == expected
    with pytest.raises(undo.NothingLeft):
        undo.undo(event, by=aylin, now=LATER)
    for expected in boards[1:]:
        undo.redo(event, by=aylin, now=LATER)
        assert board(event) == expected
    with pytest.raises(undo.NothingLeft):
        undo.redo(event, by=aylin, now=LATER)


def test_undo_takes_back_a_swap_as_one_step(event, aylin):
    saal, galerie = event.rooms.order_by("pk")
    one, two = session(event), session(event)
    moves.place(one, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    moves.place(two, room=galerie, starts_at=hour(0), by=aylin, now=NOW)
    before = board(event)
    moves.swap(one, two, expected=token(one), other_expected=token(two), by=aylin, now=NOW)
    undo.undo(event, by=aylin, now=LATER)
    assert board(event) == before


def test_undo_leaves_what_others_did(event, aylin, bernd):
    saal, galerie = event.rooms.order_by("pk")
    mine, theirs = session(event), session(event)
    moves.place(mine, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    moves.place(theirs, room=galerie, starts_at=hour(0), by=bernd, now=NOW)
    undo.undo(event, by=aylin, now=LATER)
    assert {row[0] for row in board(event)} == {theirs.pk}
    with pytest.raises(undo.NothingLeft):
        undo.undo(event, by=aylin, now=LATER)


def test_undo_is_refused_when_somebody_moved_the_session_since(event, aylin, bernd):
    saal, galerie = event.rooms.order_by("pk")
    proposal = session(event, title="Fax")
    moves.place(proposal, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    to = {"room": galerie, "starts_at": hour(2)}
    moves.move(proposal, **to, expected=token(proposal), by=bernd, now=NOW)
    before = board(event)
    with pytest.raises(undo.Overtaken) as refused:
        undo.undo(event, by=aylin, now=LATER)
    assert str(refused.value) == (
        "This cannot be undone, because the board has changed since: "
        "Bernd Ott put “Fax” at Mon 11:00, Galerie (done at Thu 14:00)."
    )
    assert board(event) == before


def test_undo_is_refused_when_the_old_place_is_taken(event, aylin, bernd):
    saal, galerie = event.rooms.order_by("pk")
    proposal, other = session(event), session(event)
    moves.place(proposal, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    to = {"room": galerie, "starts_at": hour(0)}
    moves.move(proposal, **to, expected=token(proposal), by=aylin, now=NOW)
    moves.place(other, room=saal, starts_at=hour(0), by=bernd, now=NOW)
    before = board(event)
    with pytest.raises(moves.RoomTaken):
        undo.undo(event, by=aylin, now=LATER)
    assert board(event) == before


def test_undo_brings_back_no_session_that_is_not_accepted_any_more(event, aylin):
    proposal = session(event)
    saal = event.rooms.order_by("pk")[0]
    moves.place(proposal, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    moves.unplace(proposal, expected=token(proposal), by=aylin, now=NOW)
    type(proposal).objects.filter(pk=proposal.pk).update(state="cancelled")
    with pytest.raises(moves.NotAccepted):
        undo.undo(event, by=aylin, now=LATER)


def test_a_new_move_ends_what_could_be_done_again(event, aylin):
    saal, galerie = event.rooms.order_by("pk")
    proposal = session(event)
    moves.place(proposal, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    undo.undo(event, by=aylin, now=LATER)
    after = LATER + dt.timedelta(minutes=1)
    moves.place(proposal, room=galerie, starts_at=hour(0), by=aylin, now=after)
    with pytest.raises(undo.NothingLeft):
        undo.redo(event, by=aylin, now=after)
    undo.undo(event, by=aylin, now=after)
    undo.redo(event, by=aylin, now=after)
    assert {row[1] for row in board(event)} == {"Galerie"}


def test_undo_writes_rows_that_say_so(event, aylin):
    proposal = session(event)
    saal = event.rooms.order_by("pk")[0]
    moves.place(proposal, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    undo.undo(event, by=aylin, now=LATER)
    kinds = list(Move.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [Move.Kind.PLACED, Move.Kind.UNDONE]
