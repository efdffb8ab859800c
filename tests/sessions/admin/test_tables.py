"""Export, preview and import in the desk: organisers only, and exactly what was shown."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sessions.imports.tables import BYTES_MAX
from sessions.models import Room
from tests.factories import EventFactory, ProposalFactory, RoomFactory

pytestmark = pytest.mark.django_db
NAME = "admin:program_event_tables"


def url(event, step=""):
    return reverse(f"{NAME}_{step}" if step else NAME, args=[event.pk])


def export_url(event, table="rooms", kind="csv"):
    return reverse(f"{NAME}_export", args=[event.pk, table, kind])


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def upload(content, name="rooms.csv"):
    content = content.encode() if isinstance(content, str) else content
    return {"table": "rooms", "file": SimpleUploadedFile(name, content)}


def sealed(response):
    found = re.search(r'name="seal" value="([^"]+)"', response.content.decode())
    return {"table": "rooms", "seal": found[1] if found else "nothing"}


def preview(client, event, content="name,places\nSaal,120\n"):
    return client.post(url(event, "preview"), upload(content))


STEPS = ("preview", "import")


def test_page_leads_to_every_table_in_every_format(desk, event):
    body = desk.get(url(event)).content.decode()
    for table in ("pitches", "people", "rooms", "slots", "schedule"):
        for kind in ("csv", "xlsx", "json"):
            assert export_url(event, table, kind) in body
    assert "style=" not in body


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_export_is_a_file_of_this_event_alone(desk, event, kind):
    RoomFactory(event=event, name="=Saal")
    RoomFactory(name="Elsewhere")
    response = desk.get(export_url(event, "rooms", kind))
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="{event.slug}-rooms.{kind}"'
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(response.content))
        assert [row[1] for row in book.active.iter_rows(values_only=True)] == ["name", "'=Saal"]
    else:
        assert "=Saal" in response.content.decode()
        assert "Elsewhere" not in response.content.decode()


def test_export_of_pitches_holds_nobody_elses(desk, event):
    ProposalFactory(pitch__event=event, pitch__title="Mine")
    ProposalFactory(pitch__title="Theirs")
    body = desk.get(export_url(event, "pitches")).content.decode()
    assert "Mine" in body
    assert "Theirs" not in body


@pytest.mark.parametrize(("table", "kind"), [("users", "csv"), ("rooms", "pdf")])
def test_export_of_what_is_not_there_is_not_found(desk, event, table, kind):
    assert desk.get(export_url(event, table, kind)).status_code == 404


def test_preview_shows_and_the_button_does_it(desk, event):
    RoomFactory(event=event, name="Saal", capacity=100)
    page = preview(desk, event, "name,places\nSaal,120\nGalerie,40\n")
    assert "new: 1 changed: 1 unchanged: 0 refused: 0" in text(page)
    assert "before: 100 → after: 120" in text(page)
    assert event.rooms.count() == 1
    done = desk.post(url(event, "import"), sealed(page), follow=True)
    assert done.redirect_chain == [(url(event), 302)]
    assert "2 rows were imported." in text(done)
    assert dict(event.rooms.values_list("name", "capacity")) == {"Saal": 120, "Galerie": 40}


def test_button_pressed_twice_imports_once(desk, event):
    data = sealed(preview(desk, event))
    desk.post(url(event, "import"), data)
    again = desk.post(url(event, "import"), data)
    assert again.status_code == 422
    assert "Something has changed since the preview." in text(again)
    assert event.rooms.count() == 1


def test_import_shows_the_new_outcome_when_something_has_changed(desk, event):
    room = RoomFactory(event=event, name="Saal", capacity=100)
    data = sealed(preview(desk, event))
    Room.objects.filter(pk=room.pk).update(capacity=60)
    response = desk.post(url(event, "import"), data)
    assert response.status_code == 422
    assert "before: 60 → after: 120" in text(response)
    assert event.rooms.get().capacity == 60
    desk.post(url(event, "import"), sealed(response))
    assert event.rooms.get().capacity == 120


def test_preview_with_a_refused_row_has_no_button(desk, event):
    page = preview(desk, event, "name,places\nSaal,many\nHof,3\n")
    assert "places: Enter a whole number." in text(page)
    assert "Nothing can be imported while a row is refused." in text(page)
    assert 'name="seal"' not in page.content.decode()


def test_cells_of_a_file_are_text_on_the_page(desk, event):
    page = preview(desk, event, "name\n<script>alert(1)</script>\n")
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Größe".encode("latin-1"), "probably Latin-1"),
        ("name,colour\nSaal,red", "There is no such column here: colour."),
        ("places\n12", "A column is missing: name."),
        (b"x" * (BYTES_MAX + 1), "larger than 500 kB"),
        ("", "This file is empty."),
    ],
)
def test_preview_says_beside_the_field_what_is_wrong_with_the_file(desk, event, content, reason):
    response = preview(desk, event, content)
    assert response.status_code == 422
    assert reason in text(response)
    assert 'value="rooms" selected' in response.content.decode()


def test_import_speaks_german(desk, event):
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    said = text(desk.get(url(event)))
    assert "Beginne mit einem Export: Seine Spalten sind die des Imports." in said
    said = text(preview(desk, event, "name,places\nSaal,viele\n=1+1,3\n"))
    assert "neu: 0 geändert: 0 unverändert: 0 abgelehnt: 2" in said
    assert "places: Bitte eine ganze Zahl eingeben." in said
    assert "name: Das ist eine Formel." in said
    assert "wohl in Latin-1" in text(preview(desk, event, "Größe".encode("latin-1")))


def test_preview_asks_for_a_file(desk, event):
    response = desk.post(url(event, "preview"), {"table": "users"})
    assert response.status_code == 422
    assert "Choose a file." in text(response)


@pytest.mark.parametrize("data", [{}, {"table": "rooms", "seal": "a:b:c"}, {"table": "x"}])
def test_import_refuses_what_no_preview_has_signed(desk, event, data):
    response = desk.post(url(event, "import"), data)
    assert response.status_code == 422
    assert "Nothing was imported." in text(response)


def test_import_refuses_the_seal_of_another_event(desk, organiser, event):
    other = EventFactory()
    other.memberships.create(user=organiser)
    data = sealed(preview(desk, event))
    assert desk.post(url(other, "import"), data).status_code == 422
    assert not Room.objects.exists()


@pytest.mark.parametrize("step", STEPS)
def test_writing_refuses_get(desk, event, step):
    assert desk.get(url(event, step)).status_code == 405


@pytest.mark.parametrize("step", STEPS)
def test_writing_needs_a_log_in(client, event, step):
    assert client.post(url(event, step), upload("name\nSaal\n")).status_code == 302


def addresses(event):
    return [("get", url(event)), ("get", export_url(event, "people"))] + [
        ("post", url(event, step)) for step in STEPS
    ]


def test_tables_of_another_event_do_not_exist(client, stranger, event):
    client.force_login(stranger)
    found = {getattr(client, verb)(address).status_code for verb, address in addresses(event)}
    assert found == {404}


def test_tables_are_not_for_moderators(client, moderator, event):
    client.force_login(moderator)
    found = {getattr(client, verb)(address).status_code for verb, address in addresses(event)}
    assert found == {403}
