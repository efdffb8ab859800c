"""What every page has to keep, whatever stands on it."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE

NARROW = {"width": 320, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The two themes differ in nothing but colours, so the dark one needs no other rule, once.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]


def problems(page: Page) -> list[str]:
    """What axe finds on both widths in both themes, and whether the page scrolls sideways."""
    page.set_viewport_size(NARROW)
    found = _sideways(page)
    page.evaluate(AXE_SCRIPT)
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        found += _sideways(page)
        found += violations(page, {"type": "tag", "values": RULES})
    page.emulate_media(color_scheme="dark")
    found += violations(page, {"type": "rule", "values": COLOUR_RULES})
    page.emulate_media(color_scheme="light")
    return found


def _sideways(page: Page) -> list[str]:
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        return [f"{page.url} scrolls sideways at {page.viewport_size['width']} px"]
    return []


def violations(page: Page, only: dict) -> list[str]:
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": False}
    violations = page.evaluate("options => axe.run(options).then(done => done.violations)", options)
    width = page.viewport_size["width"]
    return [
        f"{page.url} at {width} px, {item['id']}: {node['target']} {node['failureSummary']}"
        for item in violations
        for node in item["nodes"]
    ]


def first_link(page: Page, start: str, part: str) -> str:
    """The address of the first link on ``start`` that contains ``part``."""
    page.goto(start)
    return page.locator(f"main a[href*='{part}']").first.get_attribute("href")
