"""From an empty event to a published programme, as speaker, readers and organiser would walk it.

The clock of the site is set to October 2015; everything else is real.
"""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect
from post_office.models import Email

from comments import stamps
from comments.models import Comment
from config import worker
from sessions.models import Event, Interest, Pitch, Proposal
from speakers.models import User
from tests.browser.conftest import PHONE, session_of
from tests.factories import MembershipFactory

LONG_WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
TITLE = f"„Früher war mehr Lametta“ – was das {LONG_WORD} uns lehrt 🙂"
BODY = """Zwei Sessions zum Preis von einer. Größere Betriebe dürfen *gern* zuhören.

> „Wer fragt, führt. Wer nicht fragt, faxt.“

- Öl, Äpfel, Übermut
- ein Blick in den [Maschinenraum](https://maschinenraum.example/)
"""
SECOND = "Das Formular, das niemand ausfüllt"
THIRD_PARTY = "https://kaltmamsell.example/"


@pytest.fixture(autouse=True)
def _in_october_2015(monkeypatch):
    started = timezone.now()
    october = dt.datetime(2015, 10, 12, 9, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(
        timezone, "now", lambda: october + (dt.datetime.now(dt.UTC) - started), raising=True
    )
    monkeypatch.setattr(stamps, "YOUNGEST", dt.timedelta())  # nobody here reads before writing


@pytest.fixture
def organiser():
    membership = MembershipFactory(
        user__language="de",
        event__slug="neo15",
        event__language="de",
        event__starts_on=dt.date(2015, 11, 9),
        event__ends_on=dt.date(2015, 11, 10),
    )
    return membership.user


def mailed_code(address: str) -> str:
    mail = Email.objects.filter(to=[address]).latest("pk")
    return re.search(r"\b\d{6}\b", mail.message)[0]


def enter(page: Page, url: str, user: User) -> None:
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user.email), "url": url}
    page.context.add_cookies([cookie])


def pitch(page: Page) -> None:
    page.goto("/neo15/")
    page.get_by_role("link", name="Pitch", exact=True).click()
    page.get_by_label("Titel").fill(TITLE)
    page.get_by_label("Worum geht es?").fill(BODY)
    page.get_by_role("button", name="Vorschau").click()
    expect(page.locator("#preview")).to_contain_text("Wer fragt, führt.")
    page.get_by_label("Diskussion").check()
    page.get_by_text("Mehr: Schlagwörter").click()
    page.get_by_label("Schlagwörter").fill("mittelstand, büro")
    page.get_by_role("button", name="Noch eine Session in diesem Pitch").click()
    page.locator("[name='session-1-title']").fill(SECOND)
    page.locator("[name='session-1-abstract']").fill("Noch nicht vortragsreif, aber es juckt.")
    page.locator("[name='session-1-ripeness'][value=idea]").check()
    page.locator("[name='session-1-format'][value=workshop]").check()
    page.get_by_label("Name").fill("Änne Großkreutz")
    page.get_by_label("E-Mail").fill("aenne@example.org")
    page.get_by_role("button", name="Veröffentlichen").click()
    page.get_by_role("textbox", name="Code").fill(mailed_code("aenne@example.org"))
    page.get_by_role("button", name="Bestätigen").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Früher war mehr Lametta")
    expect(page.get_by_text("Danke, dein Pitch hängt an der Wand.")).to_be_visible()


def comment(page: Page, text: str, *, name="", site="", below="") -> None:
    if below:
        entry = page.locator(".comment", has_text=below).first
        entry.get_by_role("link", name="Antworten").click()
        form = entry.locator("form", has=page.get_by_role("button", name="Antwort veröffentlichen"))
        button = "Antwort veröffentlichen"
    else:
        button = "Kommentar veröffentlichen"
        form = page.locator("form", has=page.get_by_role("button", name=button))
    form.locator("[name=body]").fill(text)
    if name:
        form.locator("[name=name]").fill(name)
        if site:
            form.locator("[name=site]").fill(site)
    form.get_by_role("button", name=button).click()
    expect(page.locator(".comment-body", has_text=text)).to_be_visible()


def test_a_pitch_becomes_a_place_in_the_programme(open_page, live_server, organiser):
    speaker = open_page(live_server.url, viewport=PHONE)
    pitch(speaker)
    address = speaker.url

    hung = Pitch.objects.get()
    first, second = hung.proposals.order_by("position")
    assert (hung.title, hung.body, hung.state) == (TITLE, BODY.strip(), Pitch.State.PUBLIC)
    assert (second.title, second.ripeness) == (SECOND, Proposal.Ripeness.IDEA)
    assert sorted(tag.name for tag in hung.tags.all()) == ["büro", "mittelstand"]

    # Six entries: guests (one with a site), replies three deep, the speaker, a member.
    guest = open_page(live_server.url)
    guest.goto(address)
    comment(guest, "Daten kann man nicht essen.", name="Hanna", site=THIRD_PARTY)
    comment(guest, "Und wer sagt es den Kammern?", name="Ein Handwerker")
    expect(guest.locator("#messages")).to_contain_text("Dein Kommentar wartet auf Freigabe.")

    # What somebody says for the first time waits for the organiser, and nobody else sees it.
    speaker.goto(address)
    expect(speaker.locator("#discussion")).to_contain_text("Noch kein Kommentar")
    desk = open_page(live_server.url)
    enter(desk, live_server.url, organiser)
    desk.goto("/admin/comments/comment/")
    for box in desk.locator(".action-select").all():
        box.check()
    desk.get_by_role("button", name="Freigeben").click()
    expect(desk.get_by_text("2 Kommentare sind veröffentlicht.")).to_be_visible()

    speaker.goto(address)
    comment(speaker, "Formulare auch nicht, ich habe es versucht.", below="Daten kann man")
    guest.reload()
    comment(guest, "Mit Senf?", name="Hanna", below="ich habe es versucht")
    member = open_page(live_server.url, javascript=False)
    enter(member, live_server.url, organiser)
    member.goto(address)
    comment(member, "Die Kammern lesen mit.", below="wer sagt es den Kammern")
    comment(member, "Ich bringe Kaffee mit.")
    member.locator(".comment", has_text="Daten kann man").first.get_by_role(
        "button", name="Gefällt mir"
    ).click()
    assert Comment.objects.published().count() == 6
    assert max(Comment.objects.values_list("depth", flat=True)) == 2

    # Somebody without an account wants to come, by one click.
    guest.goto(address)
    guest.get_by_role("button", name="Interessiert mich").first.click()
    expect(guest.get_by_role("button", name="Du bist dabei (1)")).to_be_visible()
    assert Interest.objects.get().proposal == first
    expect(guest.locator("#discussion")).to_contain_text("6 Kommentare")
    expect(guest.get_by_text("Gefällt 1 Person")).to_be_visible()
    assert guest.get_by_role("link", name="Hanna").first.get_attribute("href") == THIRD_PARTY

    # The organiser pastes the grid, accepts one session and wait-lists the other.
    event = Event.objects.get()
    desk.goto(f"/admin/program/event/{event.pk}/change/")
    desk.get_by_label("Räume hinzufügen").fill("Saal, 120\nGalerie, 30")
    desk.get_by_label("Zeitfenster hinzufügen").fill("9.11. 10:00–10:45\n9.11. 11:00–11:45")
    desk.get_by_role("button", name="Speichern", exact=True).click()
    for title, action in ((TITLE, "Annehmen"), (SECOND, "Auf die Warteliste setzen")):
        desk.goto("/admin/program/proposal/")
        desk.locator("#result_list tr", has_text=title).locator(".action-select").check()
        desk.get_by_label("Was tun").select_option(label=action)
        desk.get_by_role("button", name="Ausführen").click()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Proposal.State.ACCEPTED, Proposal.State.WAITLISTED)

    # The board: pick it up, put it down, publish.
    desk.goto(f"/admin/program/event/{event.pk}/board/")
    desk.get_by_role("link", name="Platzieren").click()
    desk.get_by_role("button", name="Hierher: 10:00, Saal").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("1 von 1 Session")
    desk.get_by_role("link", name="Änderungen ansehen und veröffentlichen").click()
    desk.get_by_label("Was ist neu").fill("Das erste Programm.")
    desk.get_by_role("button", name="Programm veröffentlichen").click()

    # Everyone sees it, on a phone and in a calendar.
    reader = open_page(live_server.url, viewport=PHONE)
    reader.goto("/neo15/program/")
    expect(reader.get_by_role("heading", name="Montag, 9. November")).to_be_visible()
    expect(reader.get_by_role("link", name=re.compile("Früher war mehr Lametta"))).to_be_visible()
    assert not reader.evaluate("document.documentElement.scrollWidth > innerWidth")
    feed = Calendar.from_ical(reader.request.get("/neo15/program.ics").body())
    (entry,) = feed.walk("VEVENT")
    assert entry["SUMMARY"] == TITLE
    assert entry["DTSTART"].dt == dt.datetime(2015, 11, 9, 9, 0, tzinfo=dt.UTC)
    assert "Saal" in entry["LOCATION"]
    reader.goto(address)
    expect(reader.get_by_text("Im Programm")).to_be_visible()
    expect(reader.get_by_text("Auf der Warteliste")).to_be_visible()

    # The speaker was told of everything that concerns her, in German.
    worker.run_tasks()
    mails = Email.objects.filter(to=["aenne@example.org"]).order_by("pk")
    subjects = [mail.subject.split(":")[0] for mail in mails]
    assert subjects[-3:-1] == ["Angenommen", "Auf der Warteliste"]
    assert "Montag, 9. November" in mails.last().message
    assert "10:00" in mails.last().message
