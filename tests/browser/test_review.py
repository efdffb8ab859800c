"""Pitches are reviewed by single keys, one after the other, without a click."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from sessions.models import Proposal, Vote
from tests.factories import EventFactory, MembershipFactory, ProposalFactory
from tests.logins import session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sessions():
    """Five of one event, the oldest first."""
    event, now = EventFactory(), timezone.now()
    return [
        ProposalFactory(
            pitch__event=event,
            pitch__title=f"Thema {number}",
            pitch__published_at=now - dt.timedelta(days=9 - number),
        )
        for number in range(5)
    ]


def prepared(sessions):
    states = dict(Proposal.objects.values_list("pk", "prepared_state"))
    return [states[session.pk] for session in sessions]


def test_five_pitches_are_reviewed_by_keys_alone(page, live_server, sessions):
    event = sessions[0].pitch.event
    cookie = session_of(MembershipFactory(event=event, user__language="de").user)
    name, url = settings.SESSION_COOKIE_NAME, live_server.url
    page.context.add_cookies([{"name": name, "value": cookie, "url": url}])
    page.goto(url + reverse("admin:program_event_review", args=[event.pk]))
    expect(page.locator("h1")).to_have_text("Noch 5 von 5 Sessions zu sichten")

    def press(key, *, then):
        page.keyboard.press(key)
        expect(page.locator("h1")).to_have_text(then)

    press("b", then="Thema 0")
    press("a", then="Thema 1")
    press("j", then="Thema 2")
    press("k", then="Thema 1")
    page.keyboard.press("+")
    expect(page.locator("[data-key='+']")).to_have_attribute("aria-pressed", "true")
    press("w", then="Thema 2")
    press("d", then="Thema 3")
    press("u", then="Thema 2")
    press("a", then="Thema 3")
    page.set_viewport_size({"width": 320, "height": 256})  # as 400 % zoom shows it
    page.keyboard.press("?")
    expect(page.locator("#keys summary")).to_be_in_viewport()
    page.locator("textarea").focus()
    page.keyboard.type("a")  # is written, not decided
    expect(page.locator("textarea")).to_have_value("a")
    page.locator("h1").click()
    press("a", then="Thema 4")
    press("d", then="Noch 0 von 5 Sessions zu sichten")

    assert prepared(sessions) == ["accepted", "waitlisted", "accepted", "accepted", "declined"]
    assert Vote.objects.get().proposal == sessions[1]
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_text(re.compile("Thema"))
    page.keyboard.press("?")
    page.get_by_label("Einzelne Tasten wirken auf diesem Gerät").uncheck()
    page.keyboard.press("u")
    assert prepared(sessions)[4] == "declined"
