"""The day in the desk: publish with its gate, live mode, a session on the spot, a delay."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from sessions.models import Event, Proposal
from sessions.scheduling import publish
from tests.factories import (
    InterestFactory,
    PlacementFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW

WRITING = ("publish", "live_switch", "live_spot", "live_delay")
READING = ("publish", "live", "live_spot", "live_delay")


def url(event, page):
    return reverse(f"admin:program_event_{page}", args=[event.pk])


def text(response):
    return " ".join(response.content.decode().split())


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def event(event):
    """Runs today, with a slot that has just begun and one an hour later."""
    today = timezone.localdate()
    event.starts_on = event.ends_on = today
    event.time_zone = "UTC"
    event.save()
    noon = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(12), dt.UTC)
    for number in range(2):
        start = noon + number * dt.timedelta(hours=1)
        SlotFactory(event=event, starts_at=start, ends_at=start + dt.timedelta(minutes=45))
    return event


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal", capacity=1)


@pytest.fixture
def fax(event, saal):
    """In the draft at noon."""
    start = event.slots.chronological()[0].starts_at
    return PlacementFactory(
        schedule=ScheduleFactory(event=event),
        room=saal,
        during=(start, start + dt.timedelta(minutes=45)),
        proposal__pitch__title="Fax",
    )


def spot(event, saal, **typed):
    start = event.slots.chronological()[1].starts_at
    return {
        "title": "Löten",
        "to": f"{saal.pk}@{start:%Y-%m-%dT%H:%M}",
        "format": "workshop",
        **typed,
    }


def late(event, minutes):
    return {"since": event.slots.chronological()[0].starts_at.isoformat(), "minutes": minutes}


# --- The gate --------------------------------------------------------------------------------


def test_gate_shows_what_changes(desk, event, fax):
    publish.publish(event, by=None, changelog="", now=NOW)
    galerie = RoomFactory(event=event, name="Galerie")
    fax.room = galerie
    fax.save()
    page = text(desk.get(url(event, "publish")))
    assert "Version 2 with 1 change" in page
    assert "Moved: now 12:00, Galerie (was Saal)" in page
    assert "I know of this" not in page


def test_gate_publishes_with_its_changelog(desk, organiser, event, fax):
    response = desk.post(url(event, "publish"), {"changelog": "Here it is."})
    assert response.status_code == 302
    version = event.schedules.get(version=1)
    assert (version.changelog, version.published_by) == ("Here it is.", organiser)
    assert said(response) == ["Version 1 is published. Whom it concerns gets a mail."]


def test_gate_wants_to_hear_that_a_pity_is_known_and_remembers_nothing(desk, event, fax):
    for _ in range(2):
        InterestFactory(proposal=fax.proposal)
    assert "I know of this" in text(desk.get(url(event, "publish")))
    response = desk.post(url(event, "publish"), {"changelog": "Typed."})
    assert response.status_code == 422
    assert "Say that you know of what is a pity" in text(response)
    assert "Typed.</textarea>" in response.content.decode()
    assert not event.schedules.published().exists()
    assert desk.post(url(event, "publish"), {"knows": "on"}).status_code == 302


def test_gate_refuses_the_impossible_and_keeps_what_was_typed(desk, event, fax):
    Proposal.objects.update(state="cancelled")
    assert "Publish the programme" not in text(desk.get(url(event, "publish")))
    response = desk.post(url(event, "publish"), {"changelog": "Typed.", "knows": "on"})
    assert response.status_code == 422
    assert "This programme cannot take place." in text(response)
    assert "Not accepted (cancelled)" in text(response)
    assert "Typed.</textarea>" in response.content.decode()


def test_gate_says_when_nothing_is_new(desk, event):
    assert "Nothing new to publish" in text(desk.get(url(event, "publish")))
    response = desk.post(url(event, "publish"))
    assert response.status_code == 422
    assert "Nothing has changed since the last version." in text(response)


def test_gate_refuses_a_changelog_that_is_too_long_beside_its_field(desk, event, fax):
    response = desk.post(url(event, "publish"), {"changelog": "x" * 2_001})
    assert response.status_code == 422
    assert "At most 2000 characters fit here" in text(response)


@pytest.mark.parametrize("number", [1, 3])
def test_gate_costs_the_same_queries_however_much_changes(
    desk, event, saal, django_assert_num_queries, number
):
    draft = ScheduleFactory(event=event)
    for _ in range(number):
        PlacementFactory(schedule=draft)
    with django_assert_num_queries(9):
        desk.get(url(event, "publish"))


# --- Live mode -------------------------------------------------------------------------------


def test_going_live_and_back(desk, event, fax):
    publish.publish(event, by=None, changelog="", now=NOW)
    assert "The programme is not live" in text(desk.get(url(event, "live")))
    desk.post(url(event, "live_switch"), {"live": "1"})
    assert Event.objects.get(pk=event.pk).live
    assert "The programme is live" in text(desk.get(url(event, "live")))
    desk.post(url(event, "live_switch"), {"live": "0"})
    assert not Event.objects.get(pk=event.pk).live


def test_going_live_with_an_unpublished_board_is_refused(desk, event, fax):
    response = desk.post(url(event, "live_switch"), {"live": "1"})
    assert response.status_code == 422
    assert "Publish the programme first." in text(response)
    assert not Event.objects.get(pk=event.pk).live


# --- On the spot -----------------------------------------------------------------------------


def test_session_on_the_spot_takes_one_form(desk, organiser, event, saal):
    response = desk.post(url(event, "live_spot"), spot(event, saal, host="Mia"))
    proposal = Proposal.objects.get()
    assert response.url == reverse("admin:program_event_board", args=[event.pk]) + (
        f"#{proposal.anchor}"
    )
    assert (proposal.heading, proposal.format, proposal.minutes) == ("Löten", "workshop", 45)
    assert (proposal.pitch.owner, proposal.pitch.body) == (
        organiser, "With Mia.\n\nProposed on the spot.",
    )  # fmt: skip
    assert proposal.placements.get().room == saal


def test_session_on_the_spot_is_public_after_one_field_and_two_requests(desk, event, fax):
    publish.publish(event, by=None, changelog="", now=NOW)
    Event.objects.update(live=True)
    page = desk.get(url(event, "live_spot"))
    form = page.context["form"]
    # A browser sends the first choice of what nobody has touched.
    untouched = {field.name: field.value() or "" for field in form} | {
        "to": form.fields["to"].choices[0][0]
    }
    assert desk.post(url(event, "live_spot"), {**untouched, "title": "Löten"}).status_code == 302
    public = event.schedules.get(version=2).placements.chronological()
    assert [place.proposal.heading for place in public] == ["Fax", "Löten"]


def test_session_on_the_spot_belongs_to_whoever_has_the_address(desk, event, saal):
    mia = UserFactory()
    desk.post(url(event, "live_spot"), spot(event, saal, email=mia.email.upper(), host="Mia"))
    pitch = event.pitches.get()
    assert (pitch.owner, pitch.body) == (mia, "Proposed on the spot.")


def test_free_cell_of_the_board_leads_to_the_form_with_it_chosen(desk, event, saal):
    start = event.slots.chronological()[1].starts_at
    response = desk.get(
        url(event, "live_spot"), {"room": saal.pk, "start": f"{start:%Y-%m-%dT%H:%M}"}
    )
    assert f'<option value="{saal.pk}@{start:%Y-%m-%dT%H:%M}" selected>' in text(response)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": " "}, "The title is missing."),
        ({"to": "1@2026"}, "This place is not free any more."),
        ({"to": ""}, "Pick a free place."),
        ({"minutes": "1"}, "greater than or equal to 5"),
        ({"email": "nobody@example.org"}, "There is no account with this address."),
        ({"format": "x"}, "Select a valid choice."),
        ({"about": "x" * 2_001}, "At most 2000 characters fit here"),
    ],
)
def test_spot_shows_errors_again_with_what_was_typed(desk, event, saal, wrong, error):
    response = desk.post(url(event, "live_spot"), spot(event, saal, host="Mia", **wrong))
    assert response.status_code == 422
    assert error in text(response)
    assert 'value="Mia"' in text(response)
    assert not event.pitches.exists()


def test_spot_refuses_a_host_who_is_busy_while_live(desk, event, fax, saal):
    publish.publish(event, by=None, changelog="", now=NOW)
    Event.objects.update(live=True)
    galerie = RoomFactory(event=event)
    start = fax.during[0]
    typed = spot(event, saal, email=fax.proposal.pitch.owner.email)
    typed["to"] = f"{galerie.pk}@{start:%Y-%m-%dT%H:%M}"
    response = desk.post(url(event, "live_spot"), typed)
    assert response.status_code == 422
    assert "leads two sessions at once" in text(response)
    assert not event.pitches.filter(title="Löten").exists()


# --- Delay -----------------------------------------------------------------------------------


def test_delay_is_shown_before_it_is_done(desk, event, fax):
    first = event.slots.chronological()[0].starts_at
    page = text(desk.get(url(event, "live_delay"), late(event, 15)))
    assert "1 session would move" in page
    assert "The day ends at 14:00 instead of 13:45." in page
    assert event.slots.chronological()[0].starts_at == first
    response = desk.post(url(event, "live_delay"), late(event, 15))
    assert said(response) == ["Everything begins 15 minutes later. One undo takes that back."]
    assert event.slots.chronological()[0].starts_at == first + dt.timedelta(minutes=15)


def test_break_that_makes_up_for_a_delay_ends_as_planned(desk, event, fax):
    first, last = event.slots.chronological()
    soup = SlotFactory(
        event=event, kind="break", title="Soup",
        starts_at=first.ends_at, ends_at=last.starts_at,
    )  # fmt: skip
    typed = {**late(event, 10), "makes_up": soup.pk}
    page = text(desk.get(url(event, "live_delay"), typed))
    assert "Soup begins at 12:55 instead of 12:45." in page
    assert "The day ends" not in page
    short = desk.post(url(event, "live_delay"), {**typed, "minutes": 15})
    assert (short.status_code, "This is too short to make up" in text(short)) == (422, True)
    wrong = desk.post(url(event, "live_delay"), {**typed, "since": last.starts_at.isoformat()})
    assert "Pick what comes later on the same day." in text(wrong)
    assert said(desk.post(url(event, "live_delay"), typed)) == [
        "Everything begins 10 minutes later. One undo takes that back. "
        "From 13:00 on everything is as planned."
    ]
    soup.refresh_from_db()
    assert soup.ends_at - soup.starts_at == dt.timedelta(minutes=5)
    assert event.slots.chronological().last().starts_at == last.starts_at


def test_delay_of_empty_slots_is_undone_on_the_board(desk, event):
    before = list(event.slots.chronological().values_list("starts_at", flat=True))
    desk.post(url(event, "live_delay"), late(event, 15))
    undone = desk.post(url(event, "board_undo"))
    assert said(undone)[-1] == "Undone. The slots have moved, no session was in them."
    assert list(event.slots.chronological().values_list("starts_at", flat=True)) == before


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"minutes": "0"}, "Nothing is moved by zero minutes."),
        ({"minutes": "999"}, "less than or equal to 240"),
        ({"minutes": "x"}, "Enter a whole number."),
        ({"since": "2015"}, "Nothing begins then any more."),
    ],
)
def test_delay_shows_errors_again(desk, event, wrong, error):
    response = desk.post(url(event, "live_delay"), {**late(event, 15), **wrong})
    assert response.status_code == 422
    assert error in text(response)


def test_delay_is_refused_where_something_is_in_the_way(desk, event, fax):
    _first, second = event.slots.chronological()
    typed = {"since": second.starts_at.isoformat(), "minutes": -30}
    assert "Another slot is in the way" in text(desk.get(url(event, "live_delay"), typed))
    assert desk.post(url(event, "live_delay"), typed).status_code == 422


# --- The door --------------------------------------------------------------------------------


def knock(client, event):
    yield from (client.get(url(event, page)) for page in READING)
    yield from (client.post(url(event, page), {"live": "1"}) for page in WRITING)


def test_the_day_needs_log_in(client, event):
    assert [answer.status_code for answer in knock(client, event)] == [302] * 8


def test_the_day_is_not_found_by_strangers(client, event, stranger):
    client.force_login(stranger)
    assert [answer.status_code for answer in knock(client, event)] == [404] * 8


def test_the_day_is_not_a_moderator_s(client, event, moderator):
    client.force_login(moderator)
    assert [answer.status_code for answer in knock(client, event)] == [403] * 8


def test_the_switch_refuses_get(desk, event):
    assert desk.get(url(event, "live_switch")).status_code == 405
    assert [desk.delete(url(event, page)).status_code for page in READING] == [405] * 4
