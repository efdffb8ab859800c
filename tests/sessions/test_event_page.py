"""The event's page: before it the call, on its days now and next, afterwards the record."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from sessions import rounds
from tests.factories import (
    CommentFactory,
    EventFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
)
from tests.factories.program import during, hour

pytestmark = pytest.mark.django_db


def event_in(days: int, **fields):
    """An event of one day, so many days from now by UTC."""
    day = timezone.now().date() + dt.timedelta(days=days)
    dates = {"starts_on": day, "ends_on": day, "time_zone": "UTC", "slug": "neo"}
    return EventFactory(**{**dates, **fields})


def place(event, title: str, start: dt.datetime, *, schedule=None, minutes: int = 45, **fields):
    fields = {"state": "accepted", **fields}
    proposal = ProposalFactory(pitch__event=event, pitch__title=title, **fields)
    return PlacementFactory(
        schedule=schedule or event.schedules.published().first() or newest(event),
        proposal=proposal,
        during=during(start, minutes),
    )


def newest(event):
    return ScheduleFactory(event=event, version=1)


def read(client, language: str = "en") -> str:
    response = client.get("/neo/", headers={"accept-language": language})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def headline(client, language: str = "en") -> str:
    return re.search("<h1>(.*?)</h1>", read(client, language)).group(1).strip()


def test_call_tells_pitches_places_days_and_what_it_is_about(client):
    event = event_in(
        30,
        starts_on=dt.date(2096, 11, 9),
        ends_on=dt.date(2096, 11, 10),
        about="We **meet**.",
        pitching_closes_at=dt.datetime(2096, 10, 31, tzinfo=dt.UTC),
    )
    ProposalFactory(pitch__event=event)
    RoomFactory.create_batch(2, event=event)
    SlotFactory.create_batch(3, event=event)
    html = read(client, "de")
    assert headline(client, "de") == "1 Pitch, 6 Plätze"
    assert "9.–10. Nov. 2096" in html
    assert "<strong>meet</strong>" in html
    assert "Du kannst bis 31. Oktober 2096, 00:00 Uhr pitchen." in html


def test_call_tells_how_many_places_are_left_when_the_first_are_taken(client):
    event = event_in(30)
    ProposalFactory(pitch__event=event, accepted=True)
    RoomFactory.create_batch(2, event=event)
    SlotFactory(event=event)
    assert headline(client) == "1 place left"
    assert headline(client, "de") == "Noch 1 Platz frei"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({}, "Pitches are welcome."),
        ({"pitching_opens_at": dt.datetime(2095, 1, 1, tzinfo=dt.UTC)}, "Pitching opens on"),
        ({"pitching_closes_at": dt.datetime(2016, 1, 1, tzinfo=dt.UTC)}, "Pitching closed on"),
        ({"state": "archived"}, "Pitching is closed."),
    ],
)
def test_call_says_whether_one_can_pitch(client, limits, sentence):
    event_in(30, **limits)
    assert sentence in read(client)


def test_call_shows_six_cards_and_the_way_to_all(client):
    event = event_in(30)
    for _number in range(7):
        ProposalFactory(pitch__event=event)
    assert len(client.get("/neo/").context["cards"]) == 6
    assert "See all 7 pitches" in read(client)


def test_page_describes_itself_to_other_sites(client):
    event_in(30, about="A day about *bread*.", name='Bread & "Butter"')
    html = read(client)
    assert '<link rel="canonical" href="http://testserver/neo/">' in html
    assert '<meta property="og:title" content="Bread &amp; &quot;Butter&quot;">' in html
    assert '<meta property="og:description" content="A day about bread.">' in html


def test_draft_event_is_shown_to_its_organisers_only(client):
    event = event_in(30, draft=True)
    assert client.get("/neo/").status_code == 404
    client.force_login(MembershipFactory(event=event).user)
    assert client.get("/neo/").status_code == 200


def test_page_sets_no_cookie_and_is_only_read(client):
    event_in(30)
    assert dict(client.get("/neo/").cookies) == {}
    assert client.post("/neo/").status_code == 405


def test_day_shows_now_and_next(client):
    event, now = event_in(0), timezone.now()
    place(event, "Over", now - dt.timedelta(minutes=50))
    place(event, "Running", now - dt.timedelta(minutes=20))
    place(event, "Coming", now + dt.timedelta(minutes=40))
    place(event, "Later", now + dt.timedelta(hours=2))
    moment = client.get("/neo/").context["moment"]
    assert [one.proposal.heading for one in moment.now] == ["Running"]
    assert [one.proposal.heading for one in moment.next] == ["Coming"]
    assert headline(client) == "Now: 1 session"
    assert headline(client, "de") == "Jetzt: 1 Session"


def test_day_counts_the_minutes_to_the_next_round(client):
    event = event_in(0)
    place(event, "Coming", timezone.now() + dt.timedelta(minutes=11, seconds=30))
    assert headline(client) == "Next round in 12 minutes"
    assert headline(client, "de") == "Nächste Runde in 12 Minuten"


def test_day_names_the_time_of_a_round_that_is_far(client):
    event = event_in(0, ends_on=timezone.now().date() + dt.timedelta(days=2))
    start = (timezone.now() + dt.timedelta(days=1)).replace(hour=9, minute=30)
    place(event, "Tomorrow", start)
    assert headline(client) == f"Next round on {start:%A} at 09:30"


def test_day_follows_the_newest_version_without_what_was_cancelled(client):
    event, soon = event_in(0), timezone.now() + dt.timedelta(minutes=30)
    place(event, "Old", soon, schedule=newest(event))
    version = ScheduleFactory(event=event, version=2)
    place(event, "New", soon, schedule=version)
    place(event, "Cancelled", soon, schedule=version, state="cancelled")
    place(event, "Draft", soon, schedule=ScheduleFactory(event=event))
    moment = client.get("/neo/").context["moment"]
    assert [one.proposal.heading for one in moment.next] == ["New"]


def test_day_without_a_programme_still_shows_the_call(client):
    event_in(0)
    assert "Pitches are welcome." in read(client)


def test_record_shows_what_took_place_and_what_was_discussed_most(client):
    event = event_in(-30)
    place(event, "Took place", hour(1))
    place(event, "Was cancelled", hour(2), state="cancelled")
    quiet = ProposalFactory(pitch__event=event, pitch__title="Quiet").pitch
    loud = ProposalFactory(pitch__event=event, pitch__title="Loud").pitch
    ProposalFactory(pitch__event=event, pitch__title="Silent")
    for pitch in (quiet, loud, loud):
        CommentFactory(pitch=pitch)
    response = client.get("/neo/")
    assert [card.pitch.title for card in response.context["cards"]] == ["Loud", "Quiet"]
    rows = [[one.proposal.heading for one in places] for _at, places in response.context["rounds"]]
    assert rows == [["Took place"]]
    assert headline(client) == "1 session took place"
    assert headline(client, "de") == "1 Session fand statt"


def test_record_of_an_event_without_anything_is_a_page_too(client):
    event_in(-30)
    assert headline(client) == "0 pitches"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("days", "queries"), [(30, 6), (0, 7), (-30, 8)])
def test_page_asks_as_often_for_one_pitch_as_for_three(
    client, days, queries, count, django_assert_num_queries
):
    event = event_in(days)
    for number in range(count):
        start = timezone.now() + dt.timedelta(minutes=10, days=days)
        one = place(event, f"Pitch {number}", start)
        one.proposal.pitch.tags.add("money")
        CommentFactory(pitch=one.proposal.pitch)
    with django_assert_num_queries(queries):
        client.get("/neo/")


def test_session_runs_from_its_first_moment_and_not_in_its_last():
    event = EventFactory()
    running = place(event, "Running", hour(1), minutes=60)
    places = rounds.placements(event)
    assert rounds.moment(places, now=hour(1)).now == (running,)
    assert rounds.moment(places, now=hour(2)).now == ()
    assert rounds.moment(places, now=hour(2)).next_at is None
    before = rounds.moment(places, now=hour(0, minutes=30))
    assert (before.next_at, before.minutes) == (hour(1), 30)
