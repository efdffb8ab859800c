"""Screens in a real browser: readable from the last row, and without the network for hours."""

import datetime as dt
import re
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone
from playwright.sync_api import expect

from config import pages
from tests.browser.audit import RULES, violations
from tests.factories import EventFactory, PlacementFactory, RoomFactory, ScheduleFactory
from tests.factories.program import during

PROJECTOR = {"width": 1920, "height": 1080}
OLD_PROJECTOR = {"width": 1024, "height": 768}
PORTRAIT = {"width": 1080, "height": 1920}
PHONE = {"width": 360, "height": 740}
FORMATS = ["impuls", "diskussion", "workshop", "fishbowl", "blitz"]
SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".vh, .skip")
    && [...e.childNodes].some((node) => node.nodeType == 3 && node.data.trim()))
  .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
SCROLLS = """() => [document.documentElement, document.body]
  .some((e) => e.scrollWidth > innerWidth || e.scrollHeight > innerHeight)"""
CUT_OFF = """() => [...document.querySelectorAll("main *")].filter((e) => e.checkVisibility()
  && !e.closest(".vh") && e.getBoundingClientRect().bottom > innerHeight + 1)
  .map((e) => e.className)"""
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def begun():
    """When the first round began."""
    return timezone.now().replace(second=0, microsecond=0) - dt.timedelta(minutes=5)


@pytest.fixture
def event(live_server, begun, settings):
    """Seven rooms full of long titles, now and in an hour, in a zone where it is about noon."""
    settings.KEEP_PAGES = True
    pages.store.clear()
    zone = f"Etc/GMT{begun.hour - 12:+d}"
    today = begun.astimezone(ZoneInfo(zone)).date()
    event = EventFactory(
        slug="neo15", language="de", time_zone=zone, starts_on=today, ends_on=today
    )
    version = ScheduleFactory(event=event, version=1)
    for number in range(7):
        room = RoomFactory(event=event, name=f"Seminarraum {number}", position=number)
        for start, title in ((begun, "Erste"), (begun + HOUR, "Zweite sehr lange")):
            PlacementFactory(
                schedule=version,
                room=room,
                during=during(start),
                proposal__title=f"{title} Donaudampfschifffahrt und was wir davon lernen {number}",
                proposal__format=FORMATS[number % 5],
            )
    yield event
    pages.store.clear()


@contextmanager
def asked_again(page):
    """What happens within lets the page ask for itself; afterwards it shows what it was told."""
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch") as answer:
        yield
    answer.value.finished()
    page.evaluate("() => fetch('/healthz')")  # is answered later


def open_screen(open_page, live_server, viewport, path="screen"):
    page = open_page(live_server.url, viewport=viewport)
    page.clock.install(time=timezone.now())
    with asked_again(page):
        page.goto(f"/neo15/{path}/")
    return page


def local(event, moment) -> str:
    return f"{moment.astimezone(event.zone):%H:%M}"


def test_projector_is_large_whole_and_turns_its_pages(open_page, live_server, event):
    page = open_screen(open_page, live_server, PROJECTOR)
    assert page.locator(".qr svg").bounding_box()["width"] >= 200
    shown = page.locator("main section:visible .cell-title")
    seen = set()
    for _turn in range(6):
        for viewport, letters in ((PROJECTOR, 20), (PORTRAIT, 20), (OLD_PROJECTOR, 12)):
            page.set_viewport_size(viewport)
            assert page.evaluate(SMALLEST) >= letters
            assert not page.evaluate(SCROLLS)
            assert page.evaluate(CUT_OFF) == []
        seen |= set(shown.all_inner_texts())
        with asked_again(page):
            page.clock.run_for(5000)
    assert len(seen) == 14


def test_screen_goes_on_without_the_network_and_comes_back(open_page, live_server, event, begun):
    page = open_screen(open_page, live_server, PHONE, "now")
    notice = page.locator(".offline")
    expect(page.locator("h1:visible")).to_have_text("Jetzt: 7 Sessions")
    expect(notice).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(16_000)
    expect(notice).to_be_visible()
    expect(notice).to_have_text(re.compile(r"Du bist offline\. Stand: \d\d:\d\d Uhr\."))
    page.clock.run_for(45 * 60_000)
    expect(page.locator("h1:visible")).to_have_text(
        f"Nächste Runde um {local(event, begun + HOUR)} Uhr"
    )
    page.clock.run_for(20 * 60_000)
    expect(page.locator(".now:visible + ul a").first).to_contain_text("Zweite")
    page.context.set_offline(False)
    page.route("**/now/", lambda asked: asked.fulfill(body="Our WLAN: please log in."))
    page.clock.run_for(16_000)
    expect(notice).to_be_visible()
    page.unroute("**/now/")
    page.clock.run_for(16_000)
    expect(notice).to_be_hidden()


def test_unchanged_screen_is_polled_with_304_and_a_change_is_shown_with_the_focus_kept(
    open_page, live_server, event
):
    page = open_screen(open_page, live_server, PHONE, "now")
    link = page.locator(".now:visible + ul a").nth(2)
    link.focus()
    statuses = []
    page.on("response", lambda answer: statuses.append(answer.status))
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceivedExtraInfo", lambda told: statuses.append(told["statusCode"]))
    with asked_again(page):
        page.clock.run_for(16_000)
    assert 304 in statuses
    event.rooms.filter(position=2).update(name="Umgezogen")
    pages.store.clear()
    with asked_again(page):
        page.clock.run_for(16_000)
    expect(page.locator(".now:visible + ul li").nth(2)).to_contain_text("Umgezogen")
    expect(link).to_be_focused()


def test_projector_and_door_are_accessible(open_page, live_server, event):
    room = event.rooms.get(position=0)
    page = open_page(live_server.url, viewport=PROJECTOR)
    for path in ("/neo15/screen/", f"/neo15/rooms/{room.slug}/"):
        page.goto(path)
        page.evaluate(AXE_SCRIPT)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page, {"type": "tag", "values": RULES}) == []
