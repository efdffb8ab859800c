"""Live mode: every move is public at once, in the same transaction, as its own version."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from django.db import connection
from django.utils import translation
from django_tasks_db.models import DBTaskResult
from post_office.models import Email

from sessions import decisions, on_the_spot, programme_news, programmes
from sessions.models import Event, LogEntry, Move, Proposal, QuietReader
from sessions.scheduling import grid, live, moves, publish, undo
from sessions.scheduling.grid import Span
from sessions.scheduling.live import WouldClash
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db

NOON = hour(3)


@pytest.fixture
def event():
    event = EventFactory(live=True)
    for number in range(6):
        SlotFactory(event=event, number=number)
    return event


@pytest.fixture
def draft(event):
    return ScheduleFactory(event=event)


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal", position=1)


@pytest.fixture
def galerie(event):
    return RoomFactory(event=event, name="Galerie", position=2)


@pytest.fixture
def fax(event, draft, saal):
    """Placed at 10:00 in the Saal, published."""
    owner = UserFactory(confirmed=True)
    place = PlacementFactory(
        schedule=draft, room=saal, proposal__pitch__title="Fax", proposal__pitch__owner=owner
    )
    version = publish.publish(event, by=UserFactory(), changelog="First.", now=NOW)
    programme_news.tell(version.pk, now=NOW)
    Email.objects.all().delete()
    DBTaskResult.objects.all().delete()
    return place.proposal


@pytest.fixture
def aylin():
    return UserFactory()


def move(proposal, room, start, *, by, now=NOON):
    token = proposal.placements.in_draft_of(proposal.pitch.event).get().token
    return moves.move(proposal, room=room, starts_at=start, expected=token, by=by, now=now)


def versions(event):
    return list(event.schedules.published().values_list("version", "changelog"))


def test_a_move_is_public_at_once_and_says_what_it_did(event, fax, galerie, aylin):
    move(fax, galerie, hour(3), by=aylin)
    version = event.schedules.get(version=2)
    assert version.changelog == "“Fax”: now 12:00, Galerie (was 10:00, Saal)"
    assert (version.published_by, version.published_at, version.is_automatic) == (aylin, NOON, True)
    place = version.placements.get()
    assert (place.room, place.during, place.sequence) == (galerie, during(hour(3)), 1)
    assert LogEntry.objects.filter(action="programme").count() == 2


def test_a_line_is_in_the_language_of_the_event(event, fax, galerie, aylin):
    Event.objects.filter(pk=event.pk).update(language="de")
    move(fax, galerie, hour(3), by=aylin)
    assert versions(event)[0] == (
        2,
        "„Fax“: jetzt 12:00\xa0Uhr, Galerie (vorher 10:00\xa0Uhr, Saal)",
    )


def test_every_verb_is_public(event, fax, saal, galerie, aylin):
    brot = ProposalFactory(accepted=True, pitch__event=event, pitch__title="Brot")
    moves.place(brot, room=galerie, starts_at=hour(2), by=aylin, now=NOON)
    tokens = [p.placements.in_draft_of(event).get().token for p in (fax, brot)]
    moves.swap(fax, brot, expected=tokens[0], other_expected=tokens[1], by=aylin, now=NOON)
    undo.undo(event, by=aylin, now=NOON)
    undo.redo(event, by=aylin, now=NOON)
    token = brot.placements.in_draft_of(event).get().token
    moves.unplace(brot, expected=token, by=aylin, now=NOON)
    assert [number for number, _log in versions(event)] == [6, 5, 4, 3, 2, 1]
    assert (
        versions(event)[0][1] == "“Brot”: not in the programme any more (was Monday, 10:00, Saal)"
    )
    assert versions(event)[4][1] == "“Brot”: new, Monday, 11:00, Galerie"


def test_what_nobody_can_see_makes_no_version(event, fax, aylin):
    token = fax.placements.in_draft_of(event).get().token
    moves.pin(fax, expected=token, by=aylin, now=NOON)
    assert len(versions(event)) == 1


def test_without_live_mode_the_board_is_a_draft(event, fax, galerie, aylin):
    live.stop(event)
    move(fax, galerie, hour(3), by=aylin)
    assert len(versions(event)) == 1


def test_before_the_first_programme_nothing_is_followed(event, draft, saal, aylin):
    session = ProposalFactory(accepted=True, pitch__event=event)
    moves.place(session, room=saal, starts_at=hour(1), by=aylin, now=NOON)
    assert versions(event) == []


def test_a_move_that_makes_something_impossible_is_refused_with_the_reason(
    event, fax, galerie, aylin
):
    other = ProposalFactory(accepted=True, pitch__event=event, pitch__owner=fax.pitch.owner)
    with pytest.raises(WouldClash) as refused:
        moves.place(other, room=galerie, starts_at=hour(1), by=aylin, now=NOON)
    with translation.override("en"):
        said = str(refused.value)
    assert said.startswith(
        "The programme is live, and this cannot take place: "
        f"{fax.pitch.owner.profile.name} leads two sessions at once: Fax (Mon 10:00, Saal)"
    )
    assert len(versions(event)) == 1
    assert not Move.objects.exists()


def test_what_was_impossible_before_holds_no_other_move_up(event, fax, saal, galerie, aylin):
    brot = ProposalFactory(accepted=True, pitch__event=event)
    moves.place(brot, room=galerie, starts_at=hour(2), by=aylin, now=NOON)
    Proposal.objects.filter(pk=fax.pk).update(state="cancelled")
    move(brot, galerie, hour(3), by=aylin)
    assert versions(event)[0][0] == 3


def test_going_live_wants_a_programme_and_nothing_unpublished(event, draft, saal):
    live.stop(event)
    with pytest.raises(live.NoProgramme):
        live.start(event)
    PlacementFactory(schedule=draft, room=saal)
    publish.publish(event, by=None, changelog="", now=NOW)
    PlacementFactory(schedule=draft, room=saal, during=during(hour(3)))
    with pytest.raises(live.NotPublished):
        live.start(event)
    publish.publish(event, by=None, changelog="", now=NOW)
    live.start(event)
    assert Event.objects.get(pk=event.pk).live


@pytest.mark.django_db(transaction=True)
def test_versions_of_two_who_move_at_once_have_no_gap_and_no_double(event, fax, draft, galerie):
    number = 4
    people = [UserFactory() for _ in range(2)]
    sessions = [ProposalFactory(accepted=True, pitch__event=event) for _ in people]
    rooms = [galerie, RoomFactory(event=event)]
    start = threading.Barrier(2)

    def work(index):
        start.wait()
        try:
            by = people[index]
            moves.place(sessions[index], room=rooms[index], starts_at=hour(0), by=by, now=NOON)
            for at in range(1, number):
                move(sessions[index], rooms[index], hour(at), by=by)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    numbers = [version for version, _log in versions(event)]
    assert numbers == list(range(2 * number + 1, 0, -1))
    before = None
    for version in event.schedules.published().order_by("version").prefetch_related("placements"):
        now = {(p.proposal_id, p.room_id, p.during.lower) for p in version.placements.all()}
        assert before is None or len(now - before) == 1
        before = now


# --- Mails: bundled --------------------------------------------------------------------------


def subjects():
    return sorted((mail.to[0], mail.subject) for mail in Email.objects.all())


def test_moves_wait_and_are_told_together(event, fax, saal, galerie, aylin):
    for start in (2, 3):
        move(fax, galerie, hour(start), by=aylin)
    tasks = list(DBTaskResult.objects.all())
    assert len(tasks) == 2
    assert all(task.run_after > task.enqueued_at + dt.timedelta(minutes=4) for task in tasks)
    for task in tasks:
        programme_news.tell(*task.args_kwargs["args"], now=NOON)
    (mail,) = Email.objects.all()
    assert mail.to == [fax.pitch.owner.email]
    assert (
        "Moved: now Monday, Nov. 9, 2026, 12:00 to 12:45, Galerie\n"
        "Before: Monday, Nov. 9, 2026, 10:00, Saal\n"
    ) in mail.message
    assert not event.schedules.untold().exists()


def test_who_moved_to_and_fro_bothers_nobody(event, fax, saal, galerie, aylin):
    move(fax, galerie, hour(2), by=aylin)
    move(fax, saal, hour(1), by=aylin)
    programme_news.tell(event.schedules.get(version=3).pk, now=NOON)
    assert subjects() == []


def test_what_was_moved_and_then_cancelled_is_not_told_as_moved(event, fax, galerie, aylin):
    InterestFactory(proposal=fax, user=UserFactory(confirmed=True))
    move(fax, galerie, hour(3), by=aylin)
    decisions.cancel(fax, by=aylin)
    programme_news.tell(event.schedules.get(version=2).pk, now=NOON)
    assert subjects() == [(fax.pitch.owner.email, "Cancelled: Fax")]


def test_interested_people_hear_once_of_what_they_want(event, fax, galerie, aylin):
    wants = InterestFactory(proposal=fax, user=UserFactory(confirmed=True)).user
    InterestFactory(proposal=fax)  # an address that nobody confirmed
    InterestFactory(proposal=fax, anonymous=True)
    InterestFactory(
        proposal=ProposalFactory(accepted=True, pitch__event=event),
        user=UserFactory(confirmed=True),
    )
    move(fax, galerie, hour(2), by=aylin)
    programme_news.tell(event.schedules.get(version=2).pk, now=NOON)
    programme_news.tell(event.schedules.get(version=2).pk, now=NOON)
    assert subjects() == sorted(
        [
            (fax.pitch.owner.email, f"Your session in the programme of {event.name}"),
            (wants.email, f"News of a session that interests you: {event.name}"),
        ]
    )
    mail = Email.objects.get(to=[wants.email])
    url = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in mail.message
    assert Email.objects.get(to=[fax.pitch.owner.email]).headers is None


def test_who_leads_one_and_wants_another_gets_one_mail(event, draft, fax, galerie, aylin):
    host = HostFactory(pitch=fax.pitch, person=UserFactory(confirmed=True)).person
    other = ProposalFactory(accepted=True, pitch__event=event, pitch__title="Brot")
    InterestFactory(proposal=other, user=host)
    moves.place(other, room=galerie, starts_at=hour(3), by=aylin, now=NOON)
    move(fax, galerie, hour(2), by=aylin)
    programme_news.tell(event.schedules.get(version=3).pk, now=NOON)
    (mail,) = Email.objects.filter(to=[host.email])
    assert "says something about your session:\n\n“Fax”" in mail.message
    assert "says something about a session that interests you:\n\n“Brot”" in mail.message


def test_one_click_ends_the_mails_and_another_takes_that_back(client, event, fax, galerie, aylin):
    wants = InterestFactory(proposal=fax, user=UserFactory(confirmed=True)).user
    move(fax, galerie, hour(2), by=aylin)
    programme_news.tell(event.schedules.get(version=2).pk, now=NOON)
    url = Email.objects.get(to=[wants.email]).headers["List-Unsubscribe"].strip("<>")
    path = url.removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    assert not QuietReader.objects.exists()
    for _twice in range(2):
        response = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert QuietReader.objects.get().user == wants
    Email.objects.all().delete()
    move(fax, galerie, hour(4), by=aylin)
    programme_news.tell(event.schedules.get(version=3).pk, now=NOON)
    assert [mail.to for mail in Email.objects.all()] == [[fax.pitch.owner.email]]
    client.post(path, {"resume": "1"})
    assert not QuietReader.objects.exists()


def test_a_link_of_another_event_or_a_forged_one_is_none(client, event, fax):
    other = EventFactory()
    token = programme_news.quiet.Link(UserFactory().pk, other).token
    for bad in (token, "1-1", f"{token}x", "ü"):
        assert client.post(f"/{event.slug}/program/mails/{bad}/").status_code == 404
    assert client.post(f"/{other.slug}/program/mails/{token}/").status_code == 200


# --- What the old place says -----------------------------------------------------------------


def gone(event):
    return [
        (one.title, one.change.before.room_name, getattr(one.change, "after", None))
        for one in programmes.load(event).gone
    ]


def test_what_moved_since_the_event_began_points_from_every_old_place(
    event, fax, saal, galerie, aylin
):
    for start in (2, 3):
        move(fax, galerie, hour(start), by=aylin)
    places = programmes.load(event).gone
    assert [(one.change.before.room_name, one.change.before.starts_at) for one in places] == [
        ("Saal", hour(1)),
        ("Galerie", hour(2)),
    ]
    assert {one.change.after.starts_at for one in places} == {hour(3)}
    programme = programmes.load(event)
    assert len(programme.gone_from(saal.pk, Span(hour(1), hour(2)))) == 1
    assert programme.gone_from(saal.pk, Span(hour(2), hour(3))) == ()
    assert programme.gone_from(galerie.pk, Span(hour(1), hour(2))) == ()


def test_what_moved_before_the_event_is_forgotten(event, fax, galerie, aylin):
    move(fax, galerie, hour(3), by=aylin, now=NOW)
    assert gone(event) == []


def test_what_was_taken_off_is_said_to_be_gone(event, fax, aylin):
    token = fax.placements.in_draft_of(event).get().token
    moves.unplace(fax, expected=token, by=aylin, now=NOON)
    moves.place(
        ProposalFactory(accepted=True, pitch__event=event),
        room=RoomFactory(event=event), starts_at=hour(4), by=aylin, now=NOON,
    )  # fmt: skip
    assert gone(event) == [("Fax", "Saal", None)]


def test_little_delay_in_the_same_room_needs_no_pointer(event, fax, saal, aylin):
    move(fax, saal, hour(1) + dt.timedelta(minutes=15), by=aylin)
    assert len(gone(event)) == 1
    assert programmes.load(event).gone_from(saal.pk, Span(hour(1), hour(2))) == ()


# --- On the spot -----------------------------------------------------------------------------


def test_session_on_the_spot_is_pitched_accepted_placed_and_public(event, fax, galerie, aylin):
    idea = on_the_spot.Idea("Löten", owner=aylin, host="Mia", minutes=30)
    placement = on_the_spot.propose(
        event, idea, room=galerie, starts_at=hour(4), by=aylin, now=NOON
    )
    proposal = placement.proposal
    assert (proposal.state, proposal.pitch.state, proposal.minutes) == ("accepted", "public", 30)
    assert proposal.pitch.body == "With Mia.\n\nProposed on the spot."
    assert versions(event)[0] == (2, "“Löten”: new, Monday, 13:00, Galerie")
    assert not Email.objects.exists()


def test_sessions_of_people_without_an_account_take_place_at_once(event, fax, saal, galerie, aylin):
    for title, room in (("Löten", saal), ("Nähen", galerie)):
        idea = on_the_spot.Idea(title, owner=aylin, host="Mia")
        on_the_spot.propose(event, idea, room=room, starts_at=hour(4), by=aylin, now=NOON)
    assert versions(event)[0][1] == "“Nähen”: new, Monday, 13:00, Galerie"
    again = on_the_spot.Idea("Stricken", owner=aylin)
    for room in (saal, galerie):
        refused = pytest.raises(WouldClash) if room == galerie else nullcontext()
        with refused:
            on_the_spot.propose(event, again, room=room, starts_at=hour(5), by=aylin, now=NOON)


def test_session_on_the_spot_is_all_or_nothing(event, fax, saal, aylin):
    with pytest.raises(moves.RoomTaken):
        on_the_spot.propose(
            event, on_the_spot.Idea("Löten", owner=aylin), room=saal, starts_at=hour(1),
            by=aylin, now=NOON,
        )  # fmt: skip
    assert not event.pitches.filter(title="Löten").exists()


def test_free_cells_are_whole_slots_that_are_not_over(event, fax, saal, galerie):
    cells = on_the_spot.free_cells(grid.load(event), now=hour(1))
    assert [(cell.slot.span.starts_at, cell.room.name) for cell in cells][:3] == [
        (hour(1), "Galerie"), (hour(2), "Saal"), (hour(2), "Galerie"),
    ]  # fmt: skip
