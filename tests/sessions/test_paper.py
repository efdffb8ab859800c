"""Paper: cards, door signs, the grid and places to scan; as PDF where that can be made."""

import re

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.urls import reverse

from config.lib import qr
from sessions import paper
from sessions.exports import pdf
from sessions.models import Slot
from tests.factories import (
    EventFactory,
    HostFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import during, hour

DESK = ("", "_cards", "_cells")


@pytest.fixture
def event(db):
    return EventFactory(slug="neo15", language="en")


@pytest.fixture
def rooms(event):
    return [
        RoomFactory(event=event, name=name, position=n) for n, name in enumerate(["Saal", "Hof"])
    ]


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event).user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def url(event, page="", **more) -> str:
    return reverse(f"admin:program_event_print{page}", args=[event.pk, *more.values()])


def text(response) -> str:
    main = re.search(r"<main.*</main>", response.content.decode(), flags=re.S)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_qr_code_is_an_image_with_a_name_and_without_styles():
    image = qr.svg("https://example.org/s/abc234/", 'A "card" <b>')
    assert image.startswith('<svg role="img" aria-label="A &quot;card&quot; &lt;b&gt;" viewBox=')
    assert not re.findall(r"style|class|width=|height=", image)


def test_cards_are_sheets_of_four_by_title_with_what_one_needs_at_the_wall(desk, event):
    for title in ("b", "E", "a", "d", "c"):
        ProposalFactory(
            accepted=True, pitch__event=event, title=title, code=f"aaaaa{title.lower()}"
        )
    ProposalFactory(pitch__event=event, title="Not accepted")
    card = ProposalFactory(accepted=True, pitch__event=event, title="0", minutes=30, code="bbbbbb")
    HostFactory(pitch=card.pitch, person=UserFactory(profile__name="Aylin"))
    sheets = paper.sheets_of_cards(event)
    assert [[one.title for one in sheet] for sheet in sheets] == [["0", "a", "b", "c"], ["d", "E"]]
    page = desk.get(url(event, "_cards"))
    owner = card.pitch.owner.profile.name
    assert f"Impulse · 30 minutes 0 {owner}, Aylin bbbbbb" in text(page)
    assert page.content.decode().count('aria-label="QR code of ') == 6


def test_place_codes_stand_in_a_grid_of_slots_and_rooms(desk, event, rooms):
    SlotFactory(event=event, number=0)
    SlotFactory(event=event, number=1, kind=Slot.Kind.BREAK)
    SlotFactory(event=event, number=24)
    sheets = paper.sheets_of_cells(event)
    assert [[cell.path for _slot, cells in sheet.rows for cell in cells] for sheet in sheets] == [
        ["/neo15/cells/saal/20261109T0800/", "/neo15/cells/hof/20261109T0800/"],
        ["/neo15/cells/saal/20261110T0800/", "/neo15/cells/hof/20261110T0800/"],
    ]
    page = desk.get(url(event, "_cells")).content.decode()
    assert page.count('role="img"') == 4
    assert 'aria-label="QR code of 09:00, Saal"' in page


def test_door_signs_are_one_for_each_room_and_day_in_the_order_of_the_rooms(client, event, rooms):
    version = ScheduleFactory(event=event, version=1)
    for room, number, title in ((1, 0, "One"), (0, 1, "Two"), (0, 0, "Three"), (0, 24, "Four")):
        PlacementFactory(
            schedule=version,
            room=rooms[room],
            during=during(hour(number)),
            proposal__title=title,
        )
    signs = [
        (sign.room.name, sign.date.day, [one.title for one in sign.entries])
        for sign in paper.signs(event)
    ]
    assert signs == [
        ("Saal", 9, ["Three", "Two"]),
        ("Saal", 10, ["Four"]),
        ("Hof", 9, ["One"]),
    ]
    assert "Saal Monday, November 9 09:00 –09:45 Impulse Three" in text(
        client.get("/neo15/print/doors/")
    )
    assert "Two" in text(client.get("/neo15/print/grid/"))


def test_there_is_no_public_paper_before_the_programme(client, event):
    assert "There is paper as soon as the programme is published." in text(
        client.get("/neo15/print/")
    )
    assert client.get("/neo15/print/doors/").status_code == 404
    assert client.get("/neo15/print/grid/").status_code == 404


def test_overview_leads_organisers_to_the_cards(client, event, rooms):
    assert "Cards and places to scan" not in text(client.get("/neo15/print/"))
    client.force_login(MembershipFactory(event=event).user)
    assert f'href="{url(event)}"' in client.get("/neo15/print/").content.decode()


@pytest.mark.parametrize("page", DESK)
def test_paper_of_the_desk_is_for_organisers_of_the_event(client, event, page):
    assert "/login/?next=" in client.get(url(event, page)).url
    for user, status in (
        (MembershipFactory().user, 404),
        (MembershipFactory(event=event, role="moderator").user, 403),
        (MembershipFactory(event=event).user, 200),
    ):
        client.force_login(user)
        assert client.get(url(event, page)).status_code == status


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [("_cards", 7), ("_cells", 7)])
def test_paper_asks_the_same_however_much_is_printed(
    desk, django_assert_num_queries, event, page, queries, number
):
    for n in range(number):
        ProposalFactory(accepted=True, pitch__event=event)
        SlotFactory(event=event, number=n)
        RoomFactory(event=event)
    with django_assert_num_queries(queries):
        desk.get(url(event, page))


@pytest.mark.parametrize("number", [1, 3])
def test_public_paper_asks_the_same_however_much_is_printed(
    client, django_assert_num_queries, event, rooms, number
):
    version = ScheduleFactory(event=event, version=1)
    for n in range(number):
        PlacementFactory(schedule=version, room=rooms[0], during=during(hour(n)))
    for page, queries in (("doors", 5), ("grid", 6)):
        with django_assert_num_queries(queries):
            client.get(f"/neo15/print/{page}/")


@pytest.mark.skipif(pdf.is_installed(), reason="the extra is installed")
def test_without_the_extra_there_is_no_link_and_the_address_says_what_to_do(desk, event):
    assert "PDF" not in text(desk.get(url(event)))
    response = desk.get(url(event, "_pdf", kind="cards"))
    assert response.status_code == 404
    assert "Print the page in your browser instead." in response.content.decode()
    assert desk.get(url(event, "_pdf", kind="nothing")).status_code == 404


@pytest.mark.skipif(not pdf.is_installed(), reason="the extra is not installed")
def test_with_the_extra_cards_come_as_pdf(desk, event):
    ProposalFactory(accepted=True, pitch__event=event)
    response = desk.get(url(event, "_pdf", kind="cards"))
    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize(
    "address",
    ["http://elsewhere.example/static/css/print.css", "file:///etc/passwd", "/etc/passwd",
     "http://static.invalid/media/people/a.webp", "http://static.invalid.example/static/a"],
)  # fmt: skip
def test_pdf_reads_nothing_but_our_static_files(address):
    with pytest.raises(pdf.Foreign):
        pdf.static_file(address)


def test_pdf_reads_static_files_and_leaves_their_folder_never():
    assert b"@page" in pdf.static_file("http://static.invalid/static/css/print.css")
    for name in ("../../etc/passwd", "%2e%2e/settings.py", "/etc/passwd"):
        with pytest.raises((FileNotFoundError, SuspiciousFileOperation)):
            pdf.static_file(f"http://static.invalid/static/{name}")
