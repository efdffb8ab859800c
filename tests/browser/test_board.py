"""The board in a browser: by keyboard alone, without JavaScript, and with two organisers.

Most tests share one window, and wait for htmx before they look: ``expect`` looks again only after
a tenth and a quarter of a second.
"""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from sessions.models import Placement
from sessions.scheduling import moves
from tests.browser.conftest import DESKTOP, window
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

PHONE = {"width": 360, "height": 740}
ROOMS = ("Saal", "Werkstatt", "Galerie", "Küche", "Garten", "Flur")


@pytest.fixture(scope="module")
def board_window(chromium, live_server):
    page, watch = window(chromium, live_server.url, locale="de-DE")
    yield page, watch
    page.context.close()


@pytest.fixture
def page(board_window):
    page, watch = board_window
    page.context.clear_cookies()
    page.set_viewport_size(DESKTOP)
    yield page
    page.goto("about:blank")  # or the board would go on polling
    found, watch.problems = watch.problems, []
    assert found == []


BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"


def settle(page):
    """Wait until what was pressed is answered, shown, and has the focus."""
    page.evaluate(
        """busy => new Promise((done) => {
            const look = () => document.querySelector(busy) ? setTimeout(look, 9) : done();
            look();
        })""",
        BUSY,
    )


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


def test_sessions_are_placed_let_go_and_swapped_by_keyboard_alone(page, url, event, rooms, log_in):
    first, second, third = sessions(event, 3)
    log_in(page, url)
    spoken = page.locator("#board-live")

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)
            settle(page)

    press("n")
    expect(page.locator(":focus")).to_have_text("Platzieren Thema 0")
    press("Enter")
    expect(page.locator(":focus")).to_have_text("Hierher: 09:00, Saal Montag")
    expect(spoken).to_contain_text("Du hältst „Thema 0“.")
    press("Escape")
    expect(page.get_by_text("Du hältst")).to_have_count(0)
    expect(page.locator(":focus")).to_have_text("Platzieren Thema 0")
    press("Enter", "ArrowRight", "ArrowDown")
    expect(page.locator(":focus")).to_have_text("Hierher: 10:00, Werkstatt Montag")
    press("Enter")
    expect(page.locator(":focus")).to_have_text("Verschieben Thema 0")
    expect(spoken).to_have_text("Verschoben: „Thema 0“ jetzt Mo 10:00 Uhr, Werkstatt.")
    expect(page.locator("h1")).to_have_text("1 von 3 Sessions haben einen Platz")
    assert where(first) == ("Werkstatt", hour(1))

    for proposal in (second, third):
        press("n", "Enter")
        expect(page.locator(":focus")).to_contain_text("Hierher")
        press("Enter")
        expect(page.locator(":focus")).to_contain_text(f"Verschieben {proposal.heading}")
    assert where(second) == ("Saal", hour(0))
    assert where(third) == ("Werkstatt", hour(0))

    press("ArrowLeft", "Enter")
    expect(page.locator(":focus")).to_have_text("Hierher: 09:00, Galerie Montag")
    press("ArrowLeft")
    expect(page.locator(":focus")).to_have_text("Tauschen Thema 2")
    press("Enter")
    expect(spoken).to_have_text("„Thema 1“ und „Thema 2“ haben die Plätze getauscht.")
    assert (where(second)[0], where(third)[0]) == ("Werkstatt", "Saal")


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
    expect(page.locator("#board-live")).to_contain_text(refused.inner_text())
    expect(page.get_by_text("Du hältst „Thema 0“")).to_be_visible()
    assert where(proposal) == ("Werkstatt", hour(2))


def test_board_works_without_javascript(open_page, live_server, url, event, rooms, log_in):
    (proposal,) = sessions(event, 1)
    page = open_page(live_server.url, javascript=False)
    log_in(page, url)
    page.get_by_role("link", name="Platzieren Thema 0").click()
    page.get_by_role("button", name="Hierher: 11:00, Galerie Montag").click()
    expect(page.get_by_text("Verschoben: „Thema 0“ jetzt Mo 11:00 Uhr, Galerie.")).to_be_visible()
    page.get_by_role("link", name="Verschieben Thema 0").click()
    page.get_by_role("button", name="Anheften").click()
    expect(page.get_by_text("ist angeheftet und bleibt am Platz.")).to_be_visible()
    page.get_by_role("button", name="Lösen Thema 0").click()
    expect(page.get_by_text("lässt sich wieder verschieben")).to_be_visible()
    page.get_by_role("button", name="Rückgängig machen").click()
    expect(page.get_by_role("button", name="Lösen Thema 0")).to_be_visible()
    assert where(proposal) == ("Galerie", hour(2))


def test_board_never_scrolls_sideways(page, url, event, rooms, log_in):
    ProposalFactory(accepted=True, pitch__event=event, pitch__title="Wort" * 15)

    def width():
        return page.evaluate("document.documentElement.scrollWidth")

    page.set_viewport_size({"width": 320, "height": 800})
    log_in(page, url)
    narrow = width()
    page.set_viewport_size(DESKTOP)
    assert (narrow, width()) == (320, 1280)
    page.get_by_role("link", name="Platzieren").click()
    expect(page.get_by_role("button", name="Hierher: 09:00, Saal Montag")).to_be_visible()
    wide = width()
    page.set_viewport_size({"width": 320, "height": 800})
    assert (width(), wide) == (320, 1280)


# --- Thirty sessions, by keyboard alone and by mouse alone ------------------------------------


@pytest.fixture
def thirty(event, rooms):
    """Accepted sessions, and cells enough: six rooms, five slots."""
    SlotFactory(event=event, number=4)
    return sessions(event, 30)


def test_thirty_sessions_are_placed_by_keyboard_alone(page, url, event, thirty, log_in):
    page.set_viewport_size({"width": 1000, "height": 300})  # less to draw
    log_in(page, url)
    for placed in range(1, 31):
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        settle(page)
        expect(page.locator(":focus")).to_contain_text("Hierher")
        page.keyboard.press("Enter")
        settle(page)
        expect(page.locator("h1")).to_have_text(re.compile(f"^{placed} von 30 Sessions haben"))
    assert Placement.objects.in_draft_of(event).count() == 30


def drag(page, card, onto):
    """Take a card up with the mouse, wait for what the places cost, and let it fall."""
    box = card.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    settle(page)
    expect(page.locator(".board-held")).to_be_attached()
    box = onto.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    settle(page)


def test_thirty_sessions_are_placed_by_mouse_alone(page, url, event, thirty, log_in):
    page.set_viewport_size({"width": 1280, "height": 1400})
    log_in(page, url)
    for placed in range(1, 31):
        drag(page, page.locator(".board-list .cell").first, page.locator(".board-offer").first)
        expect(page.locator("h1")).to_have_text(re.compile(f"^{placed} von 30 Sessions haben"))
    assert Placement.objects.in_draft_of(event).count() == 30


def test_dragged_card_swaps_falls_off_and_is_let_go(page, url, event, rooms, log_in):
    one, two = sessions(event, 2)
    for proposal, room in ((one, rooms[0]), (two, rooms[2])):
        moves.place(proposal, room=room, starts_at=hour(0), by=UserFactory(), now=NOW)
    log_in(page, url)
    card = page.locator(f"#session-{one.code}")
    drag(page, card, page.locator(f"#session-{two.code}"))
    expect(page.locator("#board-live")).to_have_text(
        "„Thema 0“ und „Thema 1“ haben die Plätze getauscht."
    )
    drag(page, card, page.locator("h1"))
    expect(page.locator(".board-held")).to_have_count(0)
    assert where(one) == ("Galerie", hour(0))
    drag(page, card, page.get_by_role("heading", name="warten"))
    expect(page.locator("h1")).to_have_text("1 von 2 Sessions haben einen Platz")
    page.keyboard.press("Control+z")
    expect(page.locator("#board-live")).to_contain_text(
        "Rückgängig gemacht. Verschoben: „Thema 0“ jetzt Mo 09:00 Uhr, Galerie."
    )
    assert where(one) == ("Galerie", hour(0))


def test_finger_scrolls_at_once_and_lifts_a_card_after_a_while(
    open_page, live_server, url, event, rooms, log_in
):
    (proposal,) = sessions(event, 1)
    page = open_page(live_server.url, viewport=PHONE, touch=True)
    log_in(page, url)
    wire = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        wire.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    box = page.locator(".board-list .cell").bounding_box()
    x, y = box["x"] + 10, box["y"] + 10
    touch("Start", (x, y))
    expect(page.locator(".board-held")).to_be_attached()
    for _ in range(2):
        onto = page.get_by_role("button", name="Hierher: 09:00, Werkstatt Montag").bounding_box()
        touch("Move", (x, onto["y"] + onto["height"] / 2))
    touch("End")
    expect(page.locator("h1")).to_have_text("1 von 1 Session hat einen Platz")
    assert where(proposal)[0] == "Werkstatt"

    page.evaluate("scrollTo(0, 0)")
    box = page.locator(f"#session-{proposal.code}").bounding_box()
    x, y = box["x"] + 10, box["y"] + 10
    touch("Start", (x, y))
    for step in range(1, 9):
        touch("Move", (x, y - 20 * step))
    touch("End")
    page.wait_for_function("scrollY > 0")
    expect(page.locator(".board-held")).to_have_count(0)


def test_board_refreshes_by_itself_says_who_moved_what_and_takes_nothing_away(
    open_page, live_server, url, event, rooms, log_in
):
    one, two, *_ = sessions(event, 12)
    page = open_page(live_server.url, viewport={"width": 1280, "height": 500})
    page.clock.install()
    log_in(page, url)
    page.get_by_text("Reihenfolge und Filter").click()
    page.get_by_role("link", name="Platzieren Thema 5").focus()
    page.evaluate("document.querySelector('aside').scrollTop = 333")
    bernd = UserFactory(profile__name="Bernd Ott")
    moves.place(one, room=rooms[2], starts_at=hour(2), by=bernd, now=NOW)
    with page.expect_response(lambda response: "poll" in response.url) as first:
        page.clock.fast_forward(5_000)
    news = "Bernd Ott: „Thema 0“ jetzt Mo 11:00 Uhr, Galerie"
    expect(page.locator("#news")).to_have_text(news)
    expect(page.locator("#board-live")).to_have_text(news)
    expect(page.locator(":focus")).to_have_text("Platzieren Thema 5")
    expect(page.get_by_label("Wörter")).to_be_visible()
    assert page.evaluate("document.querySelector('aside').scrollTop") == 333
    with page.expect_response(lambda response: "poll" in response.url) as second:
        page.clock.fast_forward(5_000)
    assert (first.value.status, second.value.status) == (200, 304)
    expect(page.locator("#news")).to_have_text(news)

    page.get_by_role("link", name="Platzieren Thema 5").press("Enter")
    page.get_by_role("button", name="Hierher: 11:00, Küche Montag").focus()
    moves.place(two, room=rooms[0], starts_at=hour(0), by=bernd, now=NOW)
    page.clock.fast_forward(5_000)
    expect(page.locator("#news")).to_contain_text("Thema 1")
    expect(page.locator(".board-held")).to_contain_text("Thema 5")
    expect(page.locator(":focus")).to_have_text("Hierher: 11:00, Küche Montag")
