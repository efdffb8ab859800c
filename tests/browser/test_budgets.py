"""What a visit costs, counted by the browser, on a site that serves files as production does."""

import datetime as dt
import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, expect
from post_office.models import Email

from comments import stamps
from config import pages
from config.demo.people import ORGANISER
from tests.browser.conftest import TIMEOUT, session_of

MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
FILES = "django.core.files.storage.FileSystemStorage"
WALL = "/common-ground/pitches/"
KB = 1000


@pytest.fixture(scope="module")
def production(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[str]:
    """The demo on a server with collected, hashed, compressed files and kept pages."""
    served = override_settings(
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        STORAGES={"default": {"BACKEND": FILES}, "staticfiles": {"BACKEND": MANIFEST}},
        WHITENOISE_AUTOREFRESH=False,
        WHITENOISE_USE_FINDERS=False,
        WHITENOISE_KEEP_ONLY_HASHED_FILES=True,
        KEEP_PAGES=True,
    )
    with django_db_blocker.unblock(), served:
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("demo", verbosity=0)
        pages.store.clear()
        server = LiveServerThread("127.0.0.1", lambda handler: handler)
        server.daemon = True
        server.start()
        server.is_ready.wait(TIMEOUT / 1000)
        if server.error:
            raise server.error
        yield f"http://127.0.0.1:{server.port}"
        server.terminate()
        pages.store.clear()
        call_command("flush", interactive=False, verbosity=0)
        connections.close_all()


@dataclass
class Visit:
    """What came over the wire, by address; headers count, what was in the cache is 0."""

    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


@pytest.fixture
def visit(open_page, production):
    """``visit(path)`` opens it, in a window whose cache was empty before the first one."""
    page = open_page(production)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    asked: dict[str, str] = {}
    current: list[Visit] = []

    def finished(event):
        current[-1].sizes[asked[event["requestId"]]] = int(event["encodedDataLength"])

    wire.on(
        "Network.requestWillBeSent", lambda e: asked.update({e["requestId"]: e["request"]["url"]})
    )
    wire.on("Network.loadingFinished", finished)

    def visit(path: str) -> Visit:
        current.append(Visit())
        page.goto(path, wait_until="networkidle")
        return current[-1]

    return visit


def test_first_view_of_the_wall_is_small_and_later_ones_are_smaller(visit, production):
    first = visit(WALL)
    assert first.total <= 45 * KB, first.sizes
    assert len(first.sizes) <= 8, first.sizes
    assert all(url.startswith(production) for url in first.sizes)
    other = visit(f"{WALL}?order=new")
    assert other.total <= 12 * KB, other.sizes
    again = visit(WALL)
    assert again.total <= 1 * KB, again.sizes


def ask(production: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(production.removeprefix("http://"), timeout=10)
    connection.request("GET", path, headers={"Accept-Encoding": "br", **headers})
    response = connection.getresponse()
    response.body = response.read()
    connection.close()
    return response


def test_unchanged_page_is_polled_for_400_bytes(production):
    etag = ask(production, "/wandertag/program/").headers["ETag"]
    polled = ask(production, "/wandertag/program/", **{"If-None-Match": etag})
    head = "".join(f"{name}: {value}\r\n" for name, value in polled.getheaders())
    assert (polled.status, polled.body) == (304, b"")
    assert len(f"HTTP/1.1 304 Not Modified\r\n{head}\r\n") <= 400, head


def test_page_comes_compressed_and_its_files_for_ever(production, visit):
    page = ask(production, WALL)
    assert page.headers["Content-Encoding"] == "br"
    files = [url for url in visit(WALL).sizes if "/static/" in url]
    assert files
    for url in files:
        file = ask(production, url.removeprefix(production))
        assert file.headers["Content-Encoding"] == "br", url
        assert file.headers["Cache-Control"] == "max-age=315360000, public, immutable", url


PAGES = [
    "/", "/imprint/", "/privacy/", "/accessibility/", "/nothing/", "/neo15/", "/neo15/pitches/",
    "/neo15/program/", "/wandertag/", "/wandertag/program/", "/wandertag/me/", "/common-ground/",
    "/common-ground/pitches/new/", "/people/aylin-kaya/", "/account/login/", "/account/signup/",
    "/account/password/reset/",
]  # fmt: skip
PAGES_OF_THE_DESK = [
    "/admin/", "/admin/program/event/", "/admin/program/event/add/", "/admin/program/pitch/",
    "/admin/program/proposal/", "/admin/comments/comment/", "/admin/speakers/user/",
    "/admin/program/logentry/", "/people/me/edit/", "/account/2fa/", "/account/2fa/webauthn/add/",
]  # fmt: skip


@pytest.mark.django_db
def test_every_file_that_a_page_names_was_collected(production, settings):
    client = Client(HTTP_HOST="127.0.0.1")
    asked = {path: client.get(path).status_code for path in PAGES}
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(ORGANISER)
    asked |= {path: client.get(path).status_code for path in PAGES_OF_THE_DESK}
    assert {path for path, status in asked.items() if status >= 500} == set()


@dataclass
class Newcomer:
    """Counts what somebody does on a page."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def click(self, locator) -> None:
        self.clicks += 1
        locator.click()

    def fill(self, name: str, text: str, *, within: str) -> None:
        self.fields += 1
        self.page.locator(f"{within} [name='{name}']").fill(text)


@pytest.fixture
def newcomer(open_page, production):
    """In front of the wall, for the first time."""
    page = open_page(production)
    page.goto(WALL)
    return Newcomer(page)


def test_interest_takes_one_click_and_no_field(newcomer):
    newcomer.click(newcomer.page.locator(".card .button--star[aria-pressed=false]").first)
    expect(newcomer.page.locator(".card .button--star[aria-pressed=true]")).to_have_count(1)
    assert (newcomer.clicks, newcomer.fields) == (1, 0)


def test_comment_takes_one_click_and_two_fields(newcomer, monkeypatch):
    monkeypatch.setattr(stamps, "YOUNGEST", dt.timedelta())  # nobody here reads before writing
    newcomer.page.goto(newcomer.page.locator(".card-title a").first.get_attribute("href"))
    newcomer.fill("body", "Das will ich hören.", within="#new")
    newcomer.fill("name", "Hanna", within="#new")
    newcomer.click(newcomer.page.locator("#new .button--primary"))
    expect(newcomer.page.locator(".comment-body", has_text="Das will ich hören.")).to_be_visible()
    assert (newcomer.clicks, newcomer.fields) == (1, 2)


def test_pitch_takes_two_clicks_and_two_fields_before_the_identification(newcomer):
    newcomer.click(newcomer.page.locator("a[href$='/pitches/new/']:visible").first)
    newcomer.fill("title", "Wer fragt, führt", within="#pitch")
    newcomer.fill("body", "Und wer antwortet?", within="#pitch")
    content = newcomer.fields
    newcomer.fill("name", "Hanna", within="#pitch")
    newcomer.fill("email", "hanna@example.org", within="#pitch")
    newcomer.click(newcomer.page.locator("#pitch button[value=publish]"))
    code = newcomer.page.locator("[autocomplete=one-time-code]")
    expect(code).to_be_visible()
    assert (newcomer.clicks, content) == (2, 2)
    sent = Email.objects.filter(to=["hanna@example.org"]).latest("pk").message
    code.fill(re.search(r"\b\d{6}\b", sent)[0])
    code.press("Enter")
    expect(newcomer.page.get_by_role("heading", level=1)).to_contain_text("Wer fragt, führt")
