"""Every page, in both themes, on a phone and on a desktop: accessible, inside its window, ours."""

import pytest

from config.demo.people import ORGANISER, SPEAKER
from tests.browser.audit import problems

PUBLIC = [
    "/",
    "/imprint/",
    "/privacy/",
    "/accessibility/",
    "/nothing-here/",
    "/neo15/",
    "/neo15/pitches/",
    "/neo15/pitches/?q=nichts-davon",
    "/neo15/program/",
    "/wandertag/",
    "/wandertag/program/",
    "/wandertag/program/versions/",
    "/wandertag/me/",
    "/common-ground/",
    "/common-ground/program/",
    "/common-ground/pitches/new/",
    "/people/aylin-kaya/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
]
MEMBER = [
    "/common-ground/me/",
    "/common-ground/pitches/new/",
    "/people/me/edit/",
    "/account/",
    "/account/email/",
    "/account/password/set/",
    "/account/logout/",
    "/account/2fa/",
]


DESK = [
    "/admin/",
    "/admin/program/event/",
    "/admin/program/event/add/",
    # Long lists are the same few cells again and again: some rows tell as much as all.
    "/admin/program/pitch/?q=stadt",
    "/admin/program/pitch/?q=nichts-davon",
    "/admin/program/proposal/?q=stadt",
    "/admin/program/logentry/?q=stadt",
    "/admin/comments/comment/?q=stadt",
    "/admin/speakers/user/?q=max",
]


@pytest.fixture
def page(open_page, demo_site):
    return open_page(demo_site.url)


def first_link(page, start: str, part: str) -> str:
    """The address of the first link on ``start`` that contains ``part``."""
    page.goto(start)
    return page.locator(f"main a[href*='{part}']").first.get_attribute("href")


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_in_order(page, path):
    page.goto(path)
    assert problems(page) == []


@pytest.mark.parametrize("title", ["bohrmaschine", "glasfaser", "haarschnitt", "excel"])
def test_pitch_page_is_in_order(page, title):
    page.goto(first_link(page, "/neo15/pitches/", title))
    assert problems(page) == []


def test_tag_and_person_pages_are_in_order(page):
    for part in ("/tags/", "/people/"):
        start = "/neo15/pitches/"
        if part == "/people/":
            start = first_link(page, start, "glasfaser")
        page.goto(first_link(page, start, part))
        assert problems(page) == []


@pytest.mark.parametrize("path", MEMBER)
def test_page_of_a_member_is_in_order(page, demo_site, path):
    demo_site.enter(page, SPEAKER)
    page.goto(path)
    assert problems(page) == []


@pytest.mark.parametrize("path", DESK)
def test_page_of_the_desk_is_in_order(page, demo_site, path):
    demo_site.enter(page, ORGANISER)
    page.goto(path)
    assert problems(page) == []


@pytest.mark.parametrize("model", ["event", "pitch", "proposal"])
def test_form_of_the_desk_is_in_order(page, demo_site, model):
    demo_site.enter(page, ORGANISER)
    page.goto(first_link(page, f"/admin/program/{model}/", "/change/"))
    assert problems(page) == []


def test_board_is_in_order(page, demo_site):
    demo_site.enter(page, ORGANISER)
    page.goto(first_link(page, "/admin/program/event/", "/change/").replace("change", "board"))
    assert problems(page) == []
