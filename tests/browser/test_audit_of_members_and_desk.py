"""The pages behind the log-in, in both themes and widths: accessible and in their window."""

import pytest

from config.demo.people import ORGANISER, SPEAKER
from tests.browser.audit import first_link, problems

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
def page(demo_page):
    return demo_page


@pytest.fixture(scope="module")
def desk(demo_window, demo_site):
    """Where an event's own pages of the desk begin."""
    page, _watch = demo_window
    demo_site.enter(page, ORGANISER)
    return first_link(page, "/admin/program/event/", "/change/").removesuffix("change/")


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


@pytest.mark.parametrize("path", ["print/cards/", "print/scan/"])
def test_print_pages_are_in_order(page, demo_site, desk, path):
    demo_site.enter(page, ORGANISER)
    page.goto(desk + path)
    assert problems(page) == []


@pytest.mark.parametrize(
    "name",
    [
        "board",
        "announce",
        "outbox",
        "mail_templates",
        "mail_templates/asked/de",
        "numbers",
        "tables",
        "publish",
        "live/spot",
    ],
)
def test_page_of_an_event_s_desk_is_in_order(page, demo_site, desk, name):
    demo_site.enter(page, ORGANISER)
    page.goto(f"{desk}{name}/")
    assert problems(page) == []


def test_review_is_in_order(page, demo_site, desk):
    demo_site.enter(page, ORGANISER)
    page.goto(f"{desk}review/")
    found = problems(page)
    page.goto(page.locator("main tbody th a").first.get_attribute("href"))
    assert found + problems(page) == []
