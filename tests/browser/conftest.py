"""A real Chromium against the real site on loopback.

Whatever a page does in a test, it may not ask a foreign origin, break the content security
policy, or throw: ``open_page`` collects that and fails the test at its end.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread, _StaticFilesHandler
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config.demo.people import ORGANISER, SPEAKER
from speakers.models import User

# Playwright runs an event loop in this thread; the tests' own ORM calls are synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
TIMEOUT = 10_000  # milliseconds

pytestmark = pytest.mark.browser


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("django_db") is None:
                item.add_marker(pytest.mark.django_db)  # or no test database would be made


@pytest.fixture(scope="session")
def chromium(django_db_setup) -> Iterator[Browser]:
    """The installed Chromium or Chrome, else Playwright's own.

    Django keeps other connections for a thread while an event loop runs in it: those of each side
    are closed before it changes, or they would be in the way when the database is dropped.
    """
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=list(ARGUMENTS))
        yield browser
        browser.close()
        connections.close_all()


@dataclass
class Watched:
    """What went wrong on the pages of a test that no assertion looked for."""

    origin: str
    problems: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("weberror", lambda error: self.problems.append(f"threw: {error.error}"))
        context.on("console", self._console)

    def _request(self, request) -> None:
        if not request.url.startswith((self.origin, "blob:", "about:")):
            self.problems.append(f"foreign origin: {request.url}")

    def _console(self, message) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(f"{message.page.url if message.page else ''}: {message.text}")


def window(chromium, origin, **options) -> tuple[Page, Watched]:
    """A window with cookies of its own, and what watches it; close its context."""
    context = chromium.new_context(
        base_url=origin, **{"viewport": DESKTOP, "reduced_motion": "reduce"} | options
    )
    context.set_default_timeout(TIMEOUT)
    watch = Watched(origin)
    watch.watch(context)
    return context.new_page(), watch


@pytest.fixture
def open_page(chromium):
    """``open_page(origin)`` opens a window with cookies of its own."""
    opened = []

    def open_page(
        origin: str, *, viewport=DESKTOP, dark=False, javascript=True, locale="de-DE", touch=False
    ) -> Page:
        opened.append(
            window(
                chromium,
                origin,
                viewport=viewport,
                color_scheme="dark" if dark else "light",
                java_script_enabled=javascript,
                locale=locale,
                has_touch=touch,
            )
        )
        return opened[-1][0]

    yield open_page
    for page, _watch in opened:
        page.context.close()
    assert [problem for _page, watch in opened for problem in watch.problems] == []


@pytest.fixture
def page(open_page, live_server) -> Page:
    """A desktop window on the live server (each test begins with an empty database)."""
    return open_page(live_server.url)


@dataclass(frozen=True)
class DemoSite:
    url: str
    sessions: dict[str, str]  # by e-mail: the cookie of somebody who has logged in

    def enter(self, page: Page, email: str) -> None:
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": self.sessions[email], "url": self.url}])


@pytest.fixture(scope="module")
def demo_site(django_db_setup, django_db_blocker) -> Iterator[DemoSite]:
    """A site that shows the demo, loaded once for a whole module; do not change its rows."""
    with django_db_blocker.unblock():
        assert connections["default"].settings_dict["NAME"].startswith("test_")
        call_command("demo", verbosity=0)
        sessions = {email: session_of(email) for email in (ORGANISER, SPEAKER)}
        server = LiveServerThread("127.0.0.1", _StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait(TIMEOUT / 1000)
        if server.error:
            raise server.error
        yield DemoSite(f"http://127.0.0.1:{server.port}", sessions)
        server.terminate()
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


def session_of(email: str) -> str:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture(scope="module")
def demo_window(chromium, demo_site) -> Iterator[tuple[Page, Watched]]:
    page, watch = window(chromium, demo_site.url, locale="de-DE")
    yield page, watch
    page.context.close()


@pytest.fixture
def demo_page(demo_window) -> Iterator[Page]:
    """The one window of a module on the demo; nobody is logged in when a test begins."""
    page, watch = demo_window
    page.context.clear_cookies()
    page.set_viewport_size(DESKTOP)
    yield page
    found, watch.problems = watch.problems, []
    assert found == []
