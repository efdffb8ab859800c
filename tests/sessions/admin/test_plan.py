"""The planner in the desk: suggest, look, take over; for the organisers of the event."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from sessions import tasks
from sessions.models import Move, Pitch, Placement, PlanDraft, Proposal
from sessions.scheduling import moves, planning, undo
from tests.factories import (
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
VERBS = ("suggest", "take")
FILL, IMPROVE = PlanDraft.Mode


@pytest.fixture
def rooms(event):
    for number in range(2):
        SlotFactory(event=event, number=number)
    return [RoomFactory(event=event, name=name) for name in ("Saal", "Galerie")]


def url(event, verb=""):
    return reverse(f"admin:program_event_plan{'_' if verb else ''}{verb}", args=[event.pk])


def board(event):
    return reverse("admin:program_event_board", args=[event.pk])


def sessions(event, number):
    """Accepted ones without hosts: few statements to make."""
    owner = UserFactory()
    pitches = Pitch.objects.bulk_create(
        Pitch(event=event, owner=owner, title=f"Topic {n}", state="public", published_at=NOW)
        for n in range(number)
    )
    return Proposal.objects.bulk_create(
        Proposal(pitch=pitch, state="accepted") for pitch in pitches
    )


def suggest(event, *, mode=FILL, seed=0, by=None):
    return planning.suggest(event, mode=mode, seed=seed, by=by or UserFactory(), now=NOW)


def ask(desk, event, *, mode=FILL, seed=0, **more):
    return desk.post(url(event, "suggest"), {"mode": mode, "seed": seed, **more})


def take(desk, event, draft, codes=None):
    every = [shift["code"] for shift in draft.result["shifts"]]
    return desk.post(url(event, "take"), {"plan": draft.pk, "take": codes or every})


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def where(event):
    places = Placement.objects.in_draft_of(event).select_related("room", "proposal")
    return {place.proposal.code: (place.room.name, place.during.lower) for place in places}


# --- Asking ---------------------------------------------------------------------------------


def test_few_sessions_are_planned_at_once(desk, event, rooms, organiser):
    one, two = (ProposalFactory(accepted=True, pitch__event=event) for _ in range(2))
    for person in (UserFactory(), UserFactory()):
        InterestFactory(proposal=one, user=person)
        InterestFactory(proposal=two, user=person)
    response = ask(desk, event, mode=IMPROVE, seed=4)
    draft = event.plans.get()
    assert (draft.state, draft.mode, draft.seed, draft.by) == ("done", "improve", 4, organiser)
    assert response.url == f"{url(event)}?plan={draft.pk}"
    page = text(desk.get(response.url))
    chance = round(100 * draft.result["reach_random"])
    assert f"100% of the wishes can be kept, at random it would be {chance}%" in page
    assert "With the board as it was it is 0%." in page
    assert "This rests on the wishes of 2 people." in page
    assert "no account" not in page
    assert "Suggestion no. 5" in page
    assert "2 sessions get a place or another one" in page
    assert "Everyone can reach all that they want" in page
    assert "Nothing would then be impossible." in page
    assert "The board has changed" not in page


def test_same_seed_gives_the_same_and_another_one_the_next(desk, event, rooms):
    for proposal in sessions(event, 4):
        InterestFactory(proposal=proposal)
    ask(desk, event, seed=7)
    ask(desk, event, seed=7)
    one, two = event.plans.all()
    assert one.result == two.result
    page = desk.get(url(event)).content.decode()
    assert 'name="seed" value="7">Suggest' in page
    assert 'name="seed" value="8">Another suggestion' in page


def test_suggestion_names_who_loses_what_and_what_stays_out_and_why(desk, event, rooms):
    event.slots.last().delete()
    person = UserFactory(profile__name="Aylin Kaya")
    for number in range(3):
        one = ProposalFactory(accepted=True, pitch__event=event, pitch__title=f"Brot {number}")
        InterestFactory(proposal=one, user=person)
        InterestFactory(proposal=one, anonymous=True)
    ProposalFactory(accepted=True, pitch__event=event, pitch__title="Lang", minutes=300)
    page = text(desk.get(ask(desk, event).url))
    assert "Lang : It is longer than any slot, or slots that follow each other." in page
    assert page.count("No place is left for it.") == 1
    assert "3 of 4 people" not in page  # two visitors of three reach their only wish
    assert "2 of 4 people cannot reach all that they want" in page
    assert re.search(r"Aylin Kaya: Brot \d · Brot \d", page)
    assert "3 of 6 wishes are kept" in page
    assert "This rests on the wishes of 4 people. 3 of them have no account" in page


def test_suggestion_without_wishes_says_so(desk, event, rooms):
    sessions(event, 2)
    page = text(desk.get(ask(desk, event).url))
    assert "No wishes are known yet." in page
    assert "%" not in page


def test_plan_that_keeps_fewer_wishes_than_the_board_says_so(desk, event, rooms):
    draft = suggest(event)
    draft.result |= {"members": 1, "reach": 0.5, "reach_now": 0.75}
    draft.save()
    sessions(event, 1)
    page = text(desk.get(url(event)))
    assert "The board as it was keeps more wishes." in page
    assert "1 session waits that this suggestion does not know." in page


def test_page_says_when_nothing_may_move_and_offers_to_improve(desk, event, rooms):
    place = PlacementFactory(
        schedule=ScheduleFactory(event=event), room=rooms[0], during=during(hour(0)), pinned=True
    )
    InterestFactory(proposal=place.proposal)
    assert re.search(r'value="improve"[^>]* checked', desk.get(url(event)).content.decode())
    page = text(desk.get(ask(desk, event).url))
    assert "Nothing waits for a place. Choose to improve" in page
    assert "100% of the wishes can be kept " in page
    assert "at random" not in page
    page = text(desk.get(ask(desk, event, mode=IMPROVE).url))
    assert "Nothing may move: everything that has a place is pinned" in page


def test_page_without_rooms_or_sessions_says_what_is_missing(desk, event):
    assert "There are no rooms and slots yet." in text(desk.get(url(event)))
    RoomFactory(event=event)
    SlotFactory(event=event)
    assert "Nothing is accepted yet." in text(desk.get(url(event)))


def test_only_the_newest_suggestions_are_kept(event, rooms):
    sessions(event, 1)
    other = PlanDraft.objects.create(event=RoomFactory().event, at=NOW, seconds=1)
    seeds = [suggest(event, seed=seed).seed for seed in range(7)]
    assert [draft.seed for draft in event.plans.newest_first()] == seeds[:1:-1]
    assert PlanDraft.objects.filter(pk=other.pk).exists()


def test_suggesting_refuses_what_it_does_not_know(desk, event, rooms):
    sessions(event, 1)
    for mode, seed in (("all", 0), (FILL, -1), (FILL, 2**31), (FILL, "x"), (FILL, "")):
        assert ask(desk, event, mode=mode, seed=seed).status_code == 422
    assert not event.plans.exists()


# --- In the background ----------------------------------------------------------------------


@pytest.fixture
def few_at_once(monkeypatch):
    monkeypatch.setattr(planning, "AT_ONCE", 1)
    monkeypatch.setattr(planning, "SECONDS_LONG", 0.02)


def test_many_sessions_are_planned_by_the_worker(desk, event, rooms, few_at_once):
    sessions(event, 2)
    address = ask(desk, event).url
    draft = event.plans.get()
    assert (draft.state, draft.started_at, draft.result) == ("waiting", None, None)
    page = desk.get(address).content.decode()
    assert "The planner is at work" in page
    assert '<progress id="progress" max="100" value="0">' in page
    assert f'data-hx-get="{address}" data-hx-trigger="every 1s"' in page
    (task,) = DBTaskResult.objects.all()
    assert task.task_path == "sessions.tasks.make_plan"
    tasks.make_plan.call(*task.args_kwargs["args"])
    draft.refresh_from_db()
    assert (draft.state, len(draft.result["shifts"])) == ("done", 2)
    fragment = desk.get(address, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<div class="plan stack" id="plan">')
    assert "2 sessions get a place" in fragment


def test_organiser_in_a_hurry_gets_an_answer_at_once(desk, event, rooms, few_at_once):
    sessions(event, 2)
    ask(desk, event, hurry=1)
    assert event.plans.get().state == "done"


def test_worker_does_nothing_twice_nor_for_a_forgotten_suggestion(event, rooms):
    sessions(event, 2)
    draft = suggest(event)
    PlanDraft.objects.update(seed=5)
    planning.make(draft.pk, now=NOW)
    planning.make(draft.pk + 1, now=NOW)
    assert event.plans.get().result == draft.result


def test_progress_is_told_by_the_time_and_never_says_that_it_is_done():
    draft = PlanDraft(seconds=4, started_at=NOW)
    shown = [draft.percent(NOW + dt.timedelta(seconds=s)) for s in (-1, 0, 1, 2, 9)]
    assert shown == [0, 0, 25, 50, 99]


# --- Taking over ----------------------------------------------------------------------------


def test_plan_is_taken_over_wholly_and_one_undo_takes_it_back(desk, event, rooms, organiser):
    draft_schedule = ScheduleFactory(event=event)
    moved = PlacementFactory(schedule=draft_schedule, room=rooms[0], during=during(hour(0)))
    InterestFactory(proposal=moved.proposal)
    waiting = sessions(event, 3)
    before = where(event)
    draft = suggest(event, mode=IMPROVE)
    response = take(desk, event, draft)
    assert response.url == board(event)
    assert set(where(event)) == {moved.proposal.code, *(one.code for one in waiting)}
    rows = Move.objects.filter(event=event)
    assert {(row.kind, row.by) for row in rows} == {("planned", organiser)}
    assert len({row.step for row in rows}) == 1
    said = text(desk.get(response.url))
    assert "sessions have their places. One undo takes all of that back." in said
    undo.undo(event, by=organiser, now=timezone.now())
    assert where(event) == before


def test_plan_moves_what_stands_where_another_comes(desk, event, rooms, organiser):
    schedule = ScheduleFactory(event=event)
    both = [
        PlacementFactory(schedule=schedule, room=rooms[0], during=during(hour(n))) for n in (0, 1)
    ]
    draft = swapping(event, *both)
    assert take(desk, event, draft).status_code == 302
    codes = [place.proposal.code for place in both]
    assert where(event) == {codes[0]: ("Saal", hour(1)), codes[1]: ("Saal", hour(0))}
    undo.undo(event, by=organiser, now=timezone.now())
    assert where(event) == {codes[0]: ("Saal", hour(0)), codes[1]: ("Saal", hour(1))}


def swapping(event, one, other):
    """A plan in which two placed sessions change places."""
    draft = suggest(event)
    spots = [spot(one), spot(other)]
    draft.result["shifts"] = [
        shift(one.proposal, spots[0], spots[1]),
        shift(other.proposal, spots[1], spots[0]),
    ]
    draft.save()
    return draft


def spot(place):
    return {
        "room_id": place.room_id,
        "room_name": place.room.name,
        "starts_at": place.during.lower.isoformat(),
        "ends_at": place.during.upper.isoformat(),
    }


def shift(proposal, before, after):
    return {"code": proposal.code, "title": proposal.heading, "before": before, "after": after}


def test_plan_is_taken_over_in_part(desk, event, rooms):
    one, two, three = sessions(event, 3)
    draft = suggest(event)
    assert take(desk, event, draft, [one.code, three.code]).status_code == 302
    assert set(where(event)) == {one.code, three.code}
    page = desk.get(url(event)).content.decode()
    assert "The board has changed since then." in page
    assert page.count("It is there already.") == 2
    assert page.count('type="checkbox" name="take"') == 1
    assert f'value="{two.code}" checked' in page


def test_ticked_session_does_not_push_out_an_unticked_one(desk, event, rooms):
    schedule = ScheduleFactory(event=event)
    one, other = (
        PlacementFactory(
            schedule=schedule, room=room, during=during(hour(n)), proposal__pitch__title=title
        )
        for n, room, title in ((0, rooms[0], "Fax"), (1, rooms[1], "Brot"))
    )
    before = where(event)
    response = take(desk, event, swapping(event, one, other), [one.proposal.code])
    assert response.status_code == 422
    assert "Fax : “Brot” stays in its way." in text(response)
    assert where(event) == before


def test_what_has_changed_since_is_left_out_and_named(desk, event, rooms):
    moved, declined, kept = sessions(event, 3)
    draft = suggest(event)
    after = {row["code"]: row["after"] for row in draft.result["shifts"]}
    elsewhere = next(
        (room, hour(n)) for room in rooms for n in range(2)
        if (room.pk, hour(n).isoformat()) not in {
            (spot["room_id"], spot["starts_at"]) for spot in after.values()
        }
    )  # fmt: skip
    moves.place(moved, room=elsewhere[0], starts_at=elsewhere[1], by=UserFactory(), now=NOW)
    Proposal.objects.filter(pk=declined.pk).update(state="declined")
    response = take(desk, event, draft)
    assert response.status_code == 200
    page = text(response)
    assert "1 session has its place now. These were left out:" in page
    assert "Topic 0 : Somebody has put it elsewhere meanwhile: Monday," in page
    assert "Topic 1 : It is not accepted any more." in page
    assert set(where(event)) == {moved.code, kept.code}
    assert where(event)[moved.code] == (elsewhere[0].name, elsewhere[1])


def test_pressed_twice_it_is_taken_over_once(desk, event, rooms):
    sessions(event, 2)
    draft = suggest(event)
    take(desk, event, draft)
    response = take(desk, event, draft)
    assert Move.objects.count() == 2
    assert "What you ticked is on the board already." in text(desk.get(response.url))


def test_plan_taken_back_can_be_taken_over_again(desk, event, rooms, organiser):
    sessions(event, 2)
    draft = suggest(event)
    take(desk, event, draft)
    undo.undo(event, by=organiser, now=timezone.now())
    assert take(desk, event, draft).status_code == 302
    assert len(where(event)) == 2


def test_taking_over_nothing_or_a_forgotten_plan_says_so(desk, event, rooms):
    sessions(event, 1)
    draft = suggest(event)
    empty = desk.post(url(event, "take"), {"plan": draft.pk})
    assert empty.status_code == 422
    assert "Tick at least one session." in text(empty)
    foreign = suggest(RoomFactory().event)
    for pk in (foreign.pk, draft.pk + 99, "x", ""):
        response = desk.post(url(event, "take"), {"plan": pk, "take": "abc"})
        assert response.status_code == 422
        assert "This suggestion is gone. Ask for another." in text(response)
    assert where(event) == {}


def test_codes_that_the_plan_does_not_name_mean_nothing(desk, event, rooms):
    sessions(event, 1)
    draft = suggest(event)
    other = ProposalFactory(accepted=True)
    assert take(desk, event, draft, [other.code, "’;--"]).status_code == 302
    assert not Placement.objects.exists()


# --- Doors ----------------------------------------------------------------------------------


def test_planner_is_for_the_organisers_of_the_event(client, event, rooms, stranger, moderator):
    draft = suggest(event)
    for user, status in ((stranger, 404), (moderator, 403)):
        client.force_login(user)
        assert client.get(url(event)).status_code == status
        assert ask(client, event).status_code == status
        assert take(client, event, draft, ["abc"]).status_code == status
    client.logout()
    assert "/login/" in client.get(url(event)).url
    assert event.plans.count() == 1


def test_another_events_suggestion_is_not_shown(desk, event, rooms):
    foreign = suggest(RoomFactory().event)
    assert desk.get(url(event), {"plan": foreign.pk}).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_written_by_looking(desk, event, verb):
    assert desk.get(url(event, verb)).status_code == 405


def test_page_only_shows(desk, event):
    assert desk.post(url(event)).status_code == 405


@pytest.mark.parametrize("number", [3, 60])
def test_page_asks_the_same_number_of_queries(
    desk, event, rooms, number, django_assert_num_queries
):
    for n in range(2, 30):
        SlotFactory(event=event, number=n)
    proposals = sessions(event, number)
    reader = UserFactory()
    for proposal in proposals[:3]:
        InterestFactory(proposal=proposal, user=reader)
    HostFactory(pitch=proposals[0].pitch)
    suggest(event)
    with django_assert_num_queries(8):
        desk.get(url(event))
