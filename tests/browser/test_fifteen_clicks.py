"""From rooms and slots to a published programme: counted in clicks, an organiser's whole way."""

import random

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from sessions.models import Interest, Pitch, Placement, Proposal
from speakers.models import User
from tests.browser.conftest import session_of
from tests.factories import EventFactory, MembershipFactory, UserFactory
from tests.factories.program import NOW

SESSIONS, PEOPLE, WISHES = 32, 12, 6
ROOMS = "Saal, 120\nWerkstatt, 40\nGalerie, 30\nKüche, 18"
SLOTS = "\n".join(
    [f"9.11. {hour}:00–{hour}:45" for hour in (10, 11, 13, 14)]
    + ["9.11. 12:00–13:00 Mittagspause"]
    + [f"10.11. {hour}:00–{hour}:45" for hour in (10, 11, 13, 14)]
)


@pytest.fixture
def event():
    """Sessions are accepted and wanted; there is neither a room nor a slot."""
    event = EventFactory(language="de")
    owner = UserFactory()
    pitches = Pitch.objects.bulk_create(
        Pitch(
            event=event,
            owner=owner,
            title=f"Thema {n}",
            slug=f"thema-{n}",
            state="public",
            published_at=NOW,
        )
        for n in range(SESSIONS)
    )
    sessions = Proposal.objects.bulk_create(
        Proposal(pitch=pitch, state="accepted") for pitch in pitches
    )
    people = User.objects.bulk_create(User(email=f"p{n}@example.org") for n in range(PEOPLE))
    Interest.objects.bulk_create(
        Interest(proposal=session, user=user)
        for number, user in enumerate(people)
        for session in random.Random(number).sample(sessions, WISHES)
    )
    return event


class Hand:
    """Clicks, and counts them."""

    def __init__(self):
        self.clicks = 0

    def click(self, what):
        what.click()
        self.clicks += 1


def test_programme_of_32_sessions_takes_15_clicks(page, live_server, event):
    organiser = MembershipFactory(event=event, user__language="de").user
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": session_of(organiser.email),
                "url": live_server.url,
            }
        ]
    )
    page.goto(live_server.url + reverse("admin:program_event_change", args=[event.pk]))
    hand = Hand()
    for label, text in (("Räume hinzufügen", ROOMS), ("Zeitfenster hinzufügen", SLOTS)):
        field = page.get_by_label(label)
        hand.click(field)
        field.fill(text)
    hand.click(page.get_by_role("button", name="Speichern", exact=True))
    hand.click(page.get_by_role("link", name="Stellwand", exact=True))
    hand.click(page.get_by_role("link", name="Vorschlagen", exact=True))
    hand.click(page.get_by_role("button", name="Vorschlagen", exact=True))
    expect(page.locator("h1")).to_contain_text("der Wünsche erreichbar, zufällig wären es")
    hand.click(page.get_by_role("button", name="Angekreuztes übernehmen"))
    expect(page.locator("h1")).to_contain_text("32 von 32 Sessions haben einen Platz")
    hand.click(page.get_by_role("link", name="Änderungen ansehen und veröffentlichen"))
    publish = page.get_by_role("button", name="Programm veröffentlichen")
    expect(publish).to_be_visible()
    if page.get_by_role("checkbox").count():  # what is a pity is accepted knowingly
        hand.click(page.get_by_role("checkbox"))
    hand.click(publish)
    expect(
        page.get_by_text("Version 1 ist veröffentlicht. Wen es angeht, bekommt eine Mail.")
    ).to_be_visible()
    assert Placement.objects.published_for(event).count() == SESSIONS
    assert hand.clicks <= 15
