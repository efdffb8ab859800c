"""Every public page, in both themes, on a phone and on a desktop: accessible and in its window."""

import pytest

from tests.browser.audit import first_link, problems

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
    "/wandertag/now/",
    "/wandertag/print/doors/",
    "/wandertag/screen/",
    "/common-ground/",
    "/common-ground/program/",
    "/common-ground/pitches/new/",
    "/people/aylin-kaya/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
]


@pytest.fixture
def page(demo_page):
    return demo_page


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_in_order(page, path):
    page.goto(path)
    assert problems(page) == []


@pytest.mark.parametrize("title", ["glasfaser", "excel"])
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
