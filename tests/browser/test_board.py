"""The board in a browser: by keyboard alone, without JavaScript, and with two organisers."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from sessions.models import Placement
from sessions.scheduling import moves
from tests.factories import (
    EventFactory,
    InterestFactory,
    MembershipFactory,
    ProposalFactory,
    RoomFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, hour

ROOMS = ("Saal", "Werkstatt", "Galerie", "Küche", "Garten", "Flur")


@pytest.fixture
def event():
    event = EventFactory(language="de")
    for number in range(3):
        SlotFactory(event=event, number=number)
    SlotFactory(event=event, starts_at=hour(24), ends_at=hour(24) + dt.timedelta(minutes=45))
    return event


@pytest.fixture
def rooms(event):
    return [
        RoomFactory(event=event, name=name, position=number) for number, name in enumerate(ROOMS)
    ]


@pytest.fixture
def url(event, live_server):
    return live_server.url + reverse("admin:program_event_board", args=[event.pk])


@pytest.fixture
def log_in(event):
    """Give a page the session of an organiser of the event."""

    def log_in(page, url):
        user = MembershipFactory(event=event, user__language="de").user
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}]
        )
        page.goto(url)
        return user

    return log_in


def sessions(event, number):
    """Accepted sessions, the first one wanted most."""
    made = [
        ProposalFactory(accepted=True, pitch__event=event, pitch__title=f"Thema {count}")
        for count in range(number)
    ]
    for count, proposal in enumerate(reversed(made[:3])):
        for _ in range(count + 1):
            InterestFactory(proposal=proposal)
    return made


def where(proposal):
    place = Placement.objects.select_related("room").get(proposal=proposal)
    return place.room.name, place.during.lower


def test_sessions_are_placed_by_keyboard_alone(page, url, event, rooms, log_in):
    first, second, third = sessions(event, 3)
    log_in(page, url)
    press = page.keyboard.press
    spoken = page.locator("#board-live")

    press("n")
    expect(page.locator(":focus")).to_have_text("Platzieren Thema 0")
    press("Enter")
    expect(page.locator(":focus")).to_have_text("Hierher: 09:00, Saal Montag")
    expect(spoken).to_contain_text("Du hältst „Thema 0“.")
    press("ArrowRight")
    press("ArrowDown")
    expect(page.locator(":focus")).to_have_text("Hierher: 10:00, Werkstatt Montag")
    press("Enter")
    expect(page.locator(":focus")).to_have_text("Verschieben Thema 0")
    expect(spoken).to_have_text("Verschoben: „Thema 0“ jetzt Mo 10:00 Uhr, Werkstatt.")
    expect(page.locator("h1")).to_have_text("1 von 3 Sessions haben einen Platz")
    assert where(first) == ("Werkstatt", hour(1))

    for proposal in (second, third):
        press("n")
        press("Enter")
        expect(page.locator(":focus")).to_contain_text("Hierher")
        press("Enter")
        expect(page.locator(":focus")).to_contain_text(f"Verschieben {proposal.heading}")
    assert where(second) == ("Saal", hour(0))
    assert where(third) == ("Werkstatt", hour(0))


def test_held_session_is_swapped_by_keyboard(page, url, event, rooms, log_in):
    one, two = sessions(event, 2)
    user = UserFactory()
    for proposal, room in ((one, rooms[0]), (two, rooms[2])):
        moves.place(proposal, room=room, starts_at=hour(0), by=user, now=NOW)
    log_in(page, url)
    page.get_by_role("link", name="Verschieben Thema 0").focus()
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("Hierher: 09:00, Werkstatt Montag")
    page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_text("Tauschen Thema 1")
    page.keyboard.press("Enter")
    expect(page.locator("#board-live")).to_have_text(
        "„Thema 0“ und „Thema 1“ haben die Plätze getauscht."
    )
    assert (where(one)[0], where(two)[0]) == ("Galerie", "Saal")


def test_escape_lets_go_and_the_focus_returns(page, url, event, rooms, log_in):
    sessions(event, 1)
    log_in(page, url)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text("Hierher")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Du hältst")).to_have_count(0)
    expect(page.locator(":focus")).to_have_text("Platzieren Thema 0")


def test_second_organiser_is_told_and_keeps_the_session_in_hand(page, url, event, rooms, log_in):
    (proposal,) = sessions(event, 1)
    log_in(page, url)
    page.get_by_role("link", name="Platzieren Thema 0").click()
    expect(page.locator(":focus")).to_have_text("Hierher: 09:00, Saal Montag")
    other = UserFactory(profile__name="Jörg Müßig")
    moves.place(proposal, room=rooms[1], starts_at=hour(2), by=other, now=NOW)
    page.keyboard.press("Enter")
    refused = page.locator("#refused")
    expect(refused).to_contain_text("Jörg Müßig hat „Thema 0“ auf Mo 11:00 Uhr, Werkstatt gelegt")
    expect(page.locator("#board-live")).to_have_text(refused.inner_text())
    expect(page.get_by_text("Du hältst „Thema 0“")).to_be_visible()
    assert where(proposal) == ("Werkstatt", hour(2))


def test_board_works_without_javascript(open_page, live_server, url, event, rooms, log_in):
    (proposal,) = sessions(event, 1)
    page = open_page(live_server.url, javascript=False)
    user = log_in(page, url)
    page.get_by_role("link", name="Platzieren Thema 0").click()
    page.get_by_role("button", name="Hierher: 11:00, Galerie Montag").click()
    expect(page.get_by_text("Verschoben: „Thema 0“ jetzt Mo 11:00 Uhr, Galerie.")).to_be_visible()
    page.get_by_role("link", name="Verschieben Thema 0").click()
    page.get_by_role("button", name="Anheften").click()
    expect(page.get_by_text("ist angeheftet und bleibt am Platz.")).to_be_visible()
    page.get_by_role("button", name="Lösen Thema 0").click()
    page.get_by_label("Was ist neu").fill("Das erste Programm.")
    page.get_by_role("button", name="Programm veröffentlichen").click()
    expect(page.get_by_text("Version 1 ist veröffentlicht.")).to_be_visible()
    version = event.schedules.get(version=1)
    assert (version.changelog, version.published_by) == ("Das erste Programm.", user)
    assert version.placements.get().proposal == proposal


@pytest.mark.parametrize("width", [320, 1280])
def test_board_never_scrolls_sideways(open_page, live_server, url, event, rooms, log_in, width):
    ProposalFactory(accepted=True, pitch__event=event, pitch__title="Wort" * 15)
    page = open_page(live_server.url, viewport={"width": width, "height": 800})
    log_in(page, url)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("link", name="Platzieren").click()
    expect(page.get_by_role("button", name="Hierher: 09:00, Saal Montag")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
