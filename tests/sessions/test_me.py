"""What an event holds for one reader."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    ScheduleFactory,
    UserFactory,
)
from tests.factories.program import during, hour

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()


@pytest.fixture
def event():
    day = TODAY + dt.timedelta(days=30)
    return EventFactory(slug="neo", starts_on=day, ends_on=day)


def headings(agenda) -> tuple[list[list[str]], list[str]]:
    placed = [[session.heading for session in sessions] for _start, sessions in agenda.rounds]
    return placed, [session.heading for session in agenda.unplaced]


def test_agenda_follows_the_newest_published_programme(client, event):
    client.force_login(user := UserFactory())
    old = ScheduleFactory(event=event, version=1)
    new = ScheduleFactory(event=event, version=2)
    draft = ScheduleFactory(event=event)
    late, early, cancelled, open_ = (
        ProposalFactory(pitch__event=event, pitch__title=title, state=state)
        for title, state in [
            ("Late", "confirmed"),
            ("Early", "accepted"),
            ("Cancelled", "cancelled"),
            ("Open", "open"),
        ]
    )
    for schedule, proposal, start in [
        (old, late, 0), (new, late, 3), (new, early, 1), (new, cancelled, 2), (draft, open_, 0),
    ]:  # fmt: skip
        PlacementFactory(schedule=schedule, proposal=proposal, during=during(hour(start)))
    for proposal in (late, early, cancelled, open_):
        InterestFactory(proposal=proposal, user=user)
    InterestFactory(proposal__pitch__event=event)
    InterestFactory(proposal__pitch__title="Elsewhere", user=user)
    agenda = client.get("/neo/me/").context["agenda"]
    assert headings(agenda) == ([["Early"], ["Late"]], ["Cancelled", "Open"])
    assert agenda.count == 4


def test_agenda_leaves_out_what_is_no_longer_public(client, event):
    client.force_login(user := UserFactory())
    InterestFactory(proposal__pitch=PitchFactory(event=event, hidden=True), user=user)
    assert client.get("/neo/me/").context["agenda"].count == 0


def test_browser_without_account_sees_what_it_clicked(client, event):
    proposal = ProposalFactory(pitch__event=event, pitch__title="Bread")
    client.post(f"/neo/sessions/{proposal.code}/interest/")
    response = client.get("/neo/me/", headers={"accept-language": "de"})
    assert headings(response.context["agenda"]) == ([], ["Bread"])
    html = response.content.decode()
    assert "1 Session interessiert dich" in html
    assert "Melde dich an, dann hast du sie überall dabei." in html
    assert "no-store" in response["Cache-Control"]


def test_stranger_is_shown_the_way_and_gets_no_cookie(client, event):
    response = client.get("/neo/me/")
    html = response.content.decode()
    assert dict(response.cookies) == {}
    assert "Nothing yet. Tap the star on whatever you would like to come to." in html
    assert "My pitches" not in html


def test_host_sees_own_and_shared_pitches_in_any_state(client, event):
    client.force_login(user := UserFactory())
    PitchFactory(event=event, owner=user, title="Draft", draft=True)
    PitchFactory(event=event, owner=user, title="Withdrawn", withdrawn=True)
    HostFactory(pitch=PitchFactory(event=event, title="Shared"), person=user)
    HostFactory(pitch=PitchFactory(event=event, title="Only invited"), person=user, state="invited")
    PitchFactory(event=event, title="Somebody's", draft=True)
    PitchFactory(owner=user, title="Elsewhere")
    response = client.get("/neo/me/")
    titles = [pitch.title for pitch in response.context["pitches"]]
    assert sorted(titles) == ["Draft", "Shared", "Withdrawn"]
    assert '<span class="chip">Draft</span>' in response.content.decode()


def test_page_of_a_draft_event_is_not_there(client):
    EventFactory(slug="neo", draft=True)
    assert client.get("/neo/me/").status_code == 404


def test_page_is_only_read(client, event):
    assert client.post("/neo/me/").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_as_often_for_one_session_as_for_three(
    client, event, count, django_assert_num_queries
):
    client.force_login(user := UserFactory())
    schedule = ScheduleFactory(event=event, version=1)
    for number in range(count):
        place = PlacementFactory(schedule=schedule, during=during(hour(number)))
        InterestFactory(proposal=place.proposal, user=user)
        InterestFactory(proposal__pitch__event=event, user=user)
        ProposalFactory(pitch__event=event, pitch__owner=user)
    with django_assert_num_queries(9):
        client.get("/neo/me/")
