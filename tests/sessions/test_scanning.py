"""Scanning a card and then a place: by a scanner that types, or by the links on the paper."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from sessions import scanning
from sessions.models import Move, Placement
from tests.factories import (
    EventFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db
CELL = "http://testserver/neo15/cells/saal/20261109T0900/"  # 10:00 in Bonn


@pytest.fixture
def event():
    event = EventFactory(slug="neo15", language="en")
    for number in range(3):
        SlotFactory(event=event, number=number)
    return event


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal")


@pytest.fixture
def draft(event, saal):
    return ScheduleFactory(event=event)


@pytest.fixture
def card(event):
    return ProposalFactory(accepted=True, pitch__event=event, title="Bread")


@pytest.fixture
def organiser(event):
    return MembershipFactory(event=event).user


@pytest.fixture
def desk(client, organiser):
    client.force_login(organiser)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def at(monkeypatch):
    def set_clock(now: dt.datetime) -> None:
        monkeypatch.setattr("sessions.admin.scanning.timezone.now", lambda: now)

    set_clock(NOW)
    return set_clock


def url(event) -> str:
    return reverse("admin:program_event_print_scan", args=[event.pk])


def link(card) -> str:
    return f"http://testserver/s/{card.code}/"


def text(response) -> str:
    main = re.search(r"<main.*</main>", response.content.decode(), flags=re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def scan(client, event, codes) -> str:
    """What the page says after a scanner has typed and pressed Enter."""
    return text(client.post(url(event), {"codes": codes}, follow=True))


def places(event) -> dict[str, tuple[str, dt.datetime]]:
    found = Placement.objects.in_draft_of(event).select_related("room", "proposal")
    return {one.proposal.title: (one.room.name, one.during.lower) for one in found}


def test_card_and_then_place_puts_the_session_there(desk, event, draft, card, organiser):
    assert "You hold “Bread”. Scan its place." in scan(desk, event, link(card))
    said = scan(desk, event, CELL)
    assert "“Bread” is now at Mon 10:00, Saal." in said
    assert "Every session has a place." in said
    assert "Scan a card first, then its place." in said  # ready for the next one
    assert places(event) == {"Bread": ("Saal", hour(1))}
    assert [move.by for move in Move.objects.all()] == [organiser]


def test_both_codes_may_come_at_once_and_as_typed(desk, event, draft, card):
    scan(desk, event, f"{card.code.upper()} saal/20261109T0900")
    assert places(event) == {"Bread": ("Saal", hour(1))}


def test_placed_session_is_moved_and_takes_its_minutes_along(desk, event, saal, draft, card):
    PlacementFactory(schedule=draft, room=saal, proposal=card, during=during(hour(0)))
    assert "“Bread” is now at Mon 10:00, Saal." in scan(desk, event, f"{link(card)} {CELL}")
    assert places(event) == {"Bread": ("Saal", hour(1))}


@pytest.fixture
def wine(draft, saal):
    """In the place that is scanned."""
    return PlacementFactory(
        schedule=draft, room=saal, proposal__title="Wine", during=during(hour(1)), moved_at=NOW
    )


def press(client, event, answer) -> str:
    """The page after the button to swap was pressed."""
    fields = re.findall(r'name="(session|other)" value="([^"]*)"', answer.content.decode())
    return text(client.post(url(event), dict(fields), follow=True))


def test_taken_place_is_refused_and_the_card_stays_in_the_hand(desk, event, wine, card):
    said = scan(desk, event, f"{link(card)} {CELL}")
    assert "This place is taken. Pick another or swap." in said
    assert "Here, and “Wine” waits beside the board" in said
    assert list(places(event)) == ["Wine"]
    scan(desk, event, "saal/20261109T1000")
    assert places(event)["Bread"] == ("Saal", hour(2))


def test_card_takes_the_place_of_another_if_that_is_wanted(desk, event, wine, card):
    scan(desk, event, link(card))
    said = press(desk, event, desk.get("/neo15/cells/saal/20261109T0900/", follow=True))
    assert "“Bread” has the place of “Wine”, which waits beside the board." in said
    assert "You hold" not in said
    assert places(event) == {"Bread": ("Saal", hour(1))}


def test_two_placed_cards_change_places(desk, event, draft, saal, wine, card):
    PlacementFactory(schedule=draft, room=saal, proposal=card, during=during(hour(0)))
    answer = desk.post(url(event), {"codes": f"{link(card)} {CELL}"}, follow=True)
    assert "Swap with “Wine”" in text(answer)
    assert "“Bread” and “Wine” have changed places." in press(desk, event, answer)
    assert places(event) == {"Bread": ("Saal", hour(1)), "Wine": ("Saal", hour(0))}


def test_swap_with_what_was_moved_meanwhile_is_refused(desk, event, wine, card):
    answer = desk.post(url(event), {"codes": f"{link(card)} {CELL}"}, follow=True)
    wine.revision += 1
    wine.save()
    said = press(desk, event, answer)
    assert "Nothing was changed" in said
    assert "You hold “Bread”" in said
    assert "not on the board any more" in text(
        desk.post(url(event), {"other": "x", "session": "\x00"}, follow=True)
    )
    assert list(places(event)) == ["Wine"]


def test_card_that_somebody_moved_meanwhile_is_refused(desk, event, saal, draft, card):
    scan(desk, event, link(card))
    PlacementFactory(schedule=draft, room=saal, proposal=card, during=during(hour(0)))
    assert "Nothing was changed" in scan(desk, event, CELL)
    assert places(event) == {"Bread": ("Saal", hour(0))}


def test_place_without_a_card_and_place_too_long_after_it_are_refused(desk, event, draft, card, at):
    assert scan(desk, event, CELL).count("Scan a card first, then its place.") == 2
    scan(desk, event, link(card))
    at(NOW + scanning.HELD_FOR + dt.timedelta(seconds=1))
    assert scan(desk, event, CELL).count("Scan a card first, then its place.") == 2
    assert places(event) == {}


@pytest.mark.parametrize(
    "code",
    ["nonsense", "zzzzzz", "nowhere/20261109T0900", "saal/20269909T0900", "saal/20261109T0300",
     "\x00", "s" * 5000],
)  # fmt: skip
def test_what_is_no_card_and_no_place_is_said_and_changes_nothing(desk, event, draft, card, code):
    scan(desk, event, link(card))
    said = scan(desk, event, code)
    outside = "This place is not on the board any more."
    assert outside in said or "neither a card nor a place" in said
    assert places(event) == {}


def test_card_of_another_event_is_not_known(desk, event, draft):
    foreign = ProposalFactory(accepted=True)
    assert "neither a card nor a place" in scan(desk, event, link(foreign))


def test_opened_card_and_place_write_nothing_before_the_button(desk, event, draft, card):
    opened = desk.get(f"/s/{card.code}/", follow=True)
    assert "Bread Hold this card" in text(opened)
    assert "held" not in desk.session
    scan(desk, event, card.code)
    opened = desk.get("/neo15/cells/saal/20261109T0900/", follow=True)
    assert "Bread Here: Mon 10:00, Saal" in text(opened)
    assert places(event) == {}
    scan(desk, event, "saal/20261109T0900")
    assert places(event) == {"Bread": ("Saal", hour(1))}


def test_card_that_a_camera_opened_is_held_at_once_and_one_that_a_page_loads_is_not(
    desk, event, draft, card
):
    address = f"{url(event)}?code={card.code}"
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none", "sec-purpose": "prefetch"},
    ):
        assert "Hold this card" in text(desk.get(address, headers=headers))
        assert "held" not in desk.session
    opened = desk.get(f"/s/{card.code}/", headers={"sec-fetch-site": "none"}, follow=True)
    assert "You hold “Bread”. Scan its place. To the pitch" in text(opened)
    cell = "/neo15/cells/saal/20261109T0900/"
    opened = desk.get(cell, headers={"sec-fetch-site": "none"}, follow=True)
    assert "Bread Here: Mon 10:00, Saal" in text(opened)
    assert places(event) == {}


@pytest.mark.parametrize("path", ["saal/nothing", "saal/20269909T0900", "no/20261109T0900"])
def test_opened_place_that_there_is_not_is_not_found(desk, event, draft, path):
    assert desk.get(f"/neo15/cells/{path}/").status_code == 404


def test_code_on_a_card_leads_everybody_else_to_the_pitch(client, card):
    for user in (None, UserFactory(), MembershipFactory().user, card.pitch.owner):
        if user:
            client.force_login(user)
        assert client.get(f"/s/{card.code}/").url == card.get_absolute_url()


def test_place_tells_strangers_nothing(client, event, draft):
    there, not_there = "/neo15/cells/saal/20261109T0900/", "/neo15/cells/no/20261109T0900/"
    for address in (there, not_there):
        assert "/login/?next=" in client.get(address).url
    for user in (UserFactory(), MembershipFactory().user):
        client.force_login(user)
        assert [client.get(a).status_code for a in (there, not_there)] == [404, 404]


def test_scanning_is_for_organisers_of_the_event(client, event, draft, card):
    codes = {"codes": f"{link(card)} {CELL}"}
    assert "/login/?next=" in client.post(url(event), codes).url
    for user, status in (
        (MembershipFactory().user, 404),
        (MembershipFactory(event=event, role="moderator").user, 403),
        (UserFactory(), 403),
    ):
        client.force_login(user)
        assert client.post(url(event), codes).status_code == status
    assert places(event) == {}


def test_card_held_for_one_event_is_not_held_for_another(desk, event, draft, card, organiser):
    other = MembershipFactory(user=organiser, event__language="en").event
    scan(desk, event, link(card))
    assert "You hold" not in text(desk.get(url(other)))


def test_scan_page_refuses_other_methods(desk, event):
    assert desk.put(url(event)).status_code == 405
