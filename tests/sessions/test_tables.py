"""Tables of an event: what comes out goes in again, and what goes in is looked at first."""

import contextlib
import datetime as dt
import io
import json
import zipfile

import openpyxl
import pytest
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import tables
from sessions.exports import tables as out
from sessions.imports import tables as files
from sessions.imports.tables import BadFile
from sessions.models import Move, Pitch, Placement, Proposal
from sessions.scheduling import moves
from sessions.tables import TABLES
from speakers.models import User
from tests.factories import (
    EventFactory,
    InterestFactory,
    PitchFactory,
    ProposalFactory,
    RoomFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, hour


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


RISKY = ["=1+1", "+49 228", "-2+3", "@SUM(A1)", "|cmd", "%x", "\tx", "'=1", "''@x"]


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def organiser(db):
    return UserFactory()


def csv(text):
    return files.read(text.encode())


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.fixture
def look(event, organiser):
    """Try a file out: its report, the table and the rows."""

    def look(slug, sheet):
        table = TABLES[slug](event, by=organiser, now=NOW)
        sheet = csv(sheet) if isinstance(sheet, str) else sheet
        return tables.dry_run(table, sheet), table, sheet

    return look


@pytest.fixture
def put_in(look):
    """Look at a file and do it."""

    def put_in(slug, sheet):
        report, table, sheet = look(slug, sheet)
        assert report.is_possible, report
        again = TABLES[slug](table.event, by=table.by, now=NOW)
        return tables.carry_out(again, sheet, expected=report.digest)

    return put_in


def told(report):
    return [(line.number, line.status, line.errors) for line in report.lines]


def changes(report):
    return [
        (change.column, change.before, change.after)
        for line in report.lines
        for change in line.changes
    ]


# --- Files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", RISKY)
def test_formula_is_escaped_and_comes_back_as_it_was(value):
    assert out.escaped(value) == f"'{value}"
    assert not out.is_formula(out.escaped(value))
    assert out.unescaped(out.escaped(value)) == value


@pytest.mark.parametrize("value", ["", "Brot", "-5", "12,5", "it's", "a=b", "'tis"])
def test_plain_text_is_left_alone(value):
    assert out.escaped(value) == out.unescaped(value) == value
    assert not out.is_formula(value)


@settings(max_examples=40)
@given(st.text())
def test_every_text_survives_the_escaping(value):
    assert out.unescaped(out.escaped(value)) == value


@pytest.mark.parametrize("kind", out.FORMATS)
def test_what_is_written_is_read_again(kind):
    rows = [{"name": '=Größe; „x“, "y"', "about": "- one\n- two"}, {"name": "b", "about": ""}]
    sheet = files.read(out.write(["name", "about"], rows, kind))
    assert sheet.columns == ("name", "about")
    assert list(sheet.rows) == rows
    assert not sheet.refused


def test_xlsx_holds_no_formula_of_ours():
    written = out.write(["name"], [{"name": "=1+1"}], "xlsx")
    cell = openpyxl.load_workbook(io.BytesIO(written)).active["A2"]
    assert (cell.data_type, cell.value) == ("s", "'=1+1")


def test_csv_begins_with_the_mark_of_utf8_for_excel():
    assert out.write(["a"], [{"a": "ä"}], "csv").startswith(b"\xef\xbb\xbfa\r\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_any_usual_separator_and_encoding(encoding, separator):
    sheet = files.read(f"name{separator}places\nGröße{separator}12\n".encode(encoding))
    assert list(sheet.rows) == [{"name": "Größe", "places": "12"}]
    assert sheet.numbers == (2,)


def test_xlsx_gives_numbers_and_times_as_people_type_them():
    moment = dt.datetime(2026, 11, 9, 10, 0)  # noqa: DTZ001 spreadsheets know no zones
    sheet = files.read(xlsx(["a", "b", "c", "d"], [], [120, 1.5, moment, True]))
    assert list(sheet.rows) == [{"a": "120", "b": "1.5", "c": "2026-11-09 10:00", "d": "yes"}]
    assert sheet.numbers == (3,)


def test_cell_with_a_formula_is_refused_with_its_row_and_column():
    for sheet in (
        csv("name,has\nSaal,\n=1+1,x\n"),
        files.read(xlsx(["name", "has"], ["Saal"], ["=1+1", "x"])),
    ):
        assert list(sheet.refused) == [3]
        assert list(sheet.refused[3]) == ["name"]
        assert "formula" in sheet.refused[3]["name"]


def test_json_knows_no_formulas():
    sheet = files.read(b'[{"name": "=1+1", "tags": ["a", "b"]}]')
    assert list(sheet.rows) == [{"name": "=1+1", "tags": "a, b"}]
    assert not sheet.refused


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (files.UNPACKED_MAX + 1))
    return packed.getvalue()


def laughs():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    return packed.getvalue()


HOSTILE = {
    "latin-1": ("name\nGröße".encode("latin-1"), "Latin-1"),
    "binary": (b"\x00\x01name", "neither CSV nor XLSX nor JSON"),
    "large": (b"a" * (files.BYTES_MAX + 1), "larger than 500 kB"),
    "rows": (b"a\n" + b"1\n" * (files.ROWS_MAX + 1), "more than 500 rows"),
    "gaps": (b"a\n" + b"\n" * 100_000 + b"1", "more than 500 rows"),
    "columns": (b",".join(b"c%d" % n for n in range(31)) + b"\n1", "more than 30 columns"),
    "letters": (
        b'a\n"' + b"x" * 130_000 + b'"\n' * 1 + b'"' + b"y" * 280_000 + b'"',
        "too much text|larger|not CSV",
    ),
    "twice": (b"a,A\n1,2", "same name"),
    "nameless": (b"a,,b\n1,2,3", "names of the columns"),
    "empty": (b"a,b\n\n", "no rows"),
    "nothing": (b"", "names of the columns"),
    "quote": (b'a\n"b', "quotation mark"),
    "bomb": (bomb(), "much larger inside"),
    "laughs": (laughs(), "no spreadsheet needs"),
    "zip": (b"PK\x03\x04rubbish", "cannot be read"),
    "json": (b"[{]", "not JSON"),
    "deep": (b"[" * 100_000, "not JSON"),
    "digits": (b'[{"a": ' + b"1" * 5_000 + b"}]", "not JSON"),
    "object": (b'{"a": 1}', "list of objects"),
    "list": (b"[1]", "list of objects"),
    "no objects": (b"[]", "list is empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_by_name(name):
    content, reason = HOSTILE[name]
    with pytest.raises(BadFile, match=reason):
        files.read(content)


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    for beginning in (b"", b"PK\x03\x04", b"[{", b"a,b\n"):
        with contextlib.suppress(BadFile):
            assert files.read(beginning + content).rows


def test_json_with_what_is_no_cell_is_refused_beside_the_column():
    sheet = files.read(b'[{"a": {"b": 1}, "c": "d"}]')
    assert list(sheet.refused[1]) == ["a"]


# --- Rooms and slots ------------------------------------------------------------------------


def test_dry_run_shows_rows_and_changes_nothing(event, look):
    RoomFactory(event=event, name="Saal", capacity=120, position=0)
    report, *_ = look("rooms", "name,places\nsaal,100\nGalerie,40\n")
    assert [line.status for line in report.lines] == ["changed", "new"]
    assert changes(report) == [
        ("name", "Saal", "saal"),
        ("places", "120", "100"),
        ("name", "", "Galerie"),
        ("places", "", "40"),
    ]
    assert list(event.rooms.values_list("name", "capacity")) == [("Saal", 120)]


def test_import_does_what_the_dry_run_showed(event, put_in):
    saal = RoomFactory(event=event, name="Saal", capacity=120, features=["Beamer"], position=3)
    put_in("rooms", f'id,name,places,has\n{saal.pk},Großer Saal,100,"Beamer, Bühne"\n,Galerie,,\n')
    assert list(
        event.rooms.order_by("position").values_list("name", "slug", "capacity", "features")
    ) == [
        ("Großer Saal", saal.slug, 100, ["Beamer", "Bühne"]),
        ("Galerie", "galerie", None, []),
    ]


def test_column_that_is_missing_keeps_what_is_stored(event, put_in):
    RoomFactory(event=event, name="Saal", capacity=120, features=["Beamer"])
    put_in("rooms", "name,places\nSaal,100\n")
    assert event.rooms.get().features == ["Beamer"]


@pytest.mark.parametrize("slug", TABLES)
@pytest.mark.parametrize("kind", out.FORMATS)
def test_export_imported_again_changes_nothing(event, look, slug, kind):
    SlotFactory(event=event, number=0)
    room = RoomFactory(event=event, name="=Saal", features=["Beamer", "Bühne"])
    proposal = ProposalFactory(
        accepted=True,
        pitch__event=event,
        pitch__title="-2+3\xa0€",
        title="@x",
        features=["Beamer", "Bühne"],
    )
    ProposalFactory(pitch=proposal.pitch, title="Zwei")
    again = ProposalFactory(pitch__event=event, pitch__title="Twice")
    ProposalFactory(pitch__event=event, pitch__title="Twice", pitch__owner=again.pitch.owner)
    proposal.pitch.tags.set(["Recht", "Geld"])
    InterestFactory(proposal=proposal)
    moves.place(proposal, room=room, starts_at=hour(0), by=proposal.pitch.owner, now=NOW)
    table = TABLES[slug](event)
    report, *_ = look(slug, files.read(out.write(table.columns(), list(_exported(table)), kind)))
    assert {line.status for line in report.lines} == {"unchanged"}, report
    assert not report.is_possible


def _exported(table):
    with timezone.override(table.event.zone):
        return table.exported()


def test_rows_of_another_event_are_refused(event, look):
    other = EventFactory()
    room, slot = RoomFactory(event=other), SlotFactory(event=other)
    proposal = ProposalFactory(accepted=True, pitch__event=other)
    sheets = {
        "rooms": f"id,name\n{room.pk},Mine\n",
        "slots": f"id,starts,ends\n{slot.pk},2026-11-09 10:00,2026-11-09 11:00\n",
        "pitches": f"session,email,title\n{proposal.code},a@example.org,Mine\n",
        "schedule": f"session,room,starts\n{proposal.code},,\n",
    }
    for slug, sheet in sheets.items():
        report, *_ = look(slug, sheet)
        assert [line.status for line in report.lines] == ["refused"]
        assert "in this event" in report.lines[0].errors[0][1]
    report, *_ = look("pitches", f"pitch,email,title\n{proposal.pitch.code},a@example.org,Mine\n")
    assert [line.status for line in report.lines] == ["refused"]


def test_unknown_and_missing_columns_are_named(look):
    with pytest.raises(BadFile, match="colour, size"):
        look("rooms", "name,colour,size\nSaal,red,1\n")
    with pytest.raises(BadFile, match=r"missing: email"):
        look("people", "name\nAylin\n")


def test_wrong_types_are_refused_beside_row_and_column(event, look):
    report, *_ = look("rooms", "name,places\nSaal,many\n,12\nGalerie,-3\nHof,9\n")
    assert [(line.number, line.status) for line in report.lines] == [
        (2, "refused"),
        (3, "refused"),
        (4, "refused"),
        (5, "new"),
    ]
    assert [line.errors[0][0] for line in report.lines[:3]] == ["places", "name", "places"]
    assert not report.is_possible


def test_same_row_twice_is_refused(event, look):
    report, *_ = look("rooms", "name\nSaal\nsaal\n")
    assert told(report)[1] == (3, "refused", (("name", "Row 2 is about the same already."),))


def test_slots_are_local_times_and_may_not_overlap(event, look, put_in):
    put_in("slots", "starts,ends,kind,title\n2026-11-09 10:00,2026-11-09 10:45,sessions,\n")
    slot = event.slots.get()
    assert (slot.starts_at, slot.ends_at) == (hour(1), hour(1, minutes=45))
    report, *_ = look(
        "slots",
        "starts,ends\n2026-11-09 10:30,2026-11-09 11:00\n2026-12-24 10:00,2026-12-24 11:00\n",
    )
    assert told(report) == [
        (2, "refused", (("", "There is a slot at this time already."),)),
        (3, "refused", (("starts", "This is not a day of the event."),)),
    ]


def test_import_is_refused_when_the_stored_rows_have_changed_since(event, look):
    room = RoomFactory(event=event, name="Saal", capacity=120)
    report, table, sheet = look("rooms", "name,places\nSaal,100\n")
    room.capacity = 60
    room.save()
    with pytest.raises(tables.Overtaken) as overtaken:
        tables.carry_out(TABLES["rooms"](event, by=table.by), sheet, expected=report.digest)
    assert changes(overtaken.value.report) == [("places", "60", "100")]
    room.refresh_from_db()
    assert room.capacity == 60


def test_seal_is_of_one_event_one_table_and_one_person(event, organiser, look):
    report, table, sheet = look("rooms", "name,places\nSaal,100\n")
    seal = tables.sealed(table, sheet, report)
    assert tables.unsealed(event, "rooms", organiser, seal) == (sheet, report.digest)
    for wrong in (
        (EventFactory(), "rooms", organiser, seal),
        (event, "slots", organiser, seal),
        (event, "rooms", UserFactory(), seal),
        (event, "rooms", organiser, seal[:-1]),
    ):
        with pytest.raises(tables.Overtaken):
            tables.unsealed(*wrong)


# --- People ---------------------------------------------------------------------------------


def test_people_are_those_who_lead_something_here(event):
    proposal = ProposalFactory(pitch__event=event)
    ProposalFactory(pitch=proposal.pitch)
    PitchFactory(event=event, draft=True, owner=proposal.pitch.owner)
    ProposalFactory()
    InterestFactory(proposal=proposal)
    owner = proposal.pitch.owner
    assert TABLES["people"](event).exported() == [
        {"email": owner.email, "name": owner.profile.name, "sessions": "2"}
    ]


def test_people_without_an_account_get_an_unconfirmed_one(event, put_in):
    put_in("people", "email,name\nAylin@Example.org,Aylin Kaya\n")
    user = User.objects.get(email__iexact="aylin@example.org")
    assert user.profile.name == "Aylin Kaya"
    assert not user.emailaddress_set.get().verified


def test_account_elsewhere_tells_nothing_of_itself(event, look):
    stranger = UserFactory(email="x@example.org", profile__name="Secret")
    report, *_ = look("people", f"email,name\n{stranger.email},Somebody\n")
    assert [line.status for line in report.lines] == ["unchanged"]
    assert "Secret" not in str(report)


def test_nobody_is_renamed(event, look):
    owner = PitchFactory(event=event).owner
    report, *_ = look("people", f"email,name\n{owner.email},Somebody Else\n")
    assert [line.status for line in report.lines] == ["refused"]


# --- Pitches --------------------------------------------------------------------------------


NEW = (
    "email,title,body,state,session_title,format,minutes,tags\n"
    'a@example.org,Brot,About bread.,public,,workshop,60,"Teig, Salz"\n'
    'a@example.org,Brot,About bread.,public,Second,blitz,10,"Teig, Salz"\n'
)


def test_pitches_are_hung_up_for_people_by_their_address(event, organiser, put_in, look):
    put_in("pitches", NEW)
    pitch = Pitch.objects.get()
    assert (pitch.owner.email, pitch.title, pitch.state) == ("a@example.org", "Brot", "public")
    assert list(pitch.proposals.order_by("position").values_list("title", "format", "minutes")) == [
        ("", "workshop", 60),
        ("Second", "blitz", 10),
    ]
    assert sorted(tag.name for tag in pitch.tags.all()) == ["Salz", "Teig"]
    assert pitch.log.filter(action="published").get().actor == organiser
    report, *_ = look("pitches", NEW)
    assert [line.status for line in report.lines] == ["unchanged", "unchanged"]


def test_pitch_is_changed_by_the_code_of_its_session(event, put_in):
    proposal = ProposalFactory(pitch__event=event, pitch__title="Old", minutes=45)
    email = proposal.pitch.owner.email
    report = put_in("pitches", f"session,email,title,minutes\n{proposal.code},{email},New,60\n")
    assert changes(report) == [("title", "Old", "New"), ("minutes", "45", "60")]
    proposal.refresh_from_db()
    assert (proposal.pitch.title, proposal.minutes) == ("New", 60)


def test_rows_of_one_pitch_that_contradict_each_other_are_refused(event, look):
    one = ProposalFactory(pitch__event=event, pitch__title="Old")
    two = ProposalFactory(pitch=one.pitch, title="Second")
    email = one.pitch.owner.email
    report, *_ = look(
        "pitches",
        f"session,email,title,session_title\n{one.code},{email},New,\n"
        f"{two.code},{email},Old,Second\n",
    )
    assert told(report)[1] == (
        3,
        "refused",
        (("title", "Row 2 says something else of the same pitch."),),
    )


def test_what_a_session_demands_of_its_room_comes_with_its_row(event, look, put_in):
    head = "email,title,body,state,features\n"
    put_in("pitches", f'{head}a@example.org,Brot,About it.,public,"projector, step-free"\n')
    assert Proposal.objects.get().features == ["projector", "step-free"]
    put_in("pitches", "email,title,features\na@example.org,Brot,\n")
    assert Proposal.objects.get().features == []
    report, *_ = look("pitches", f"{head}a@example.org,Brot,About it.,public,{'x' * 41}\n")
    assert [line.errors[0][0] for line in report.lines] == ["features"]


def test_pitch_is_refused_with_the_reason_of_the_domain(event, look):
    email = PitchFactory(event=event, title="Hidden", hidden=True).owner.email
    proposal = ProposalFactory(pitch__event=event)
    report, *_ = look(
        "pitches",
        "session,email,title,body,state,format\n"
        f",a@example.org,Empty,,public,impuls\n"
        f",{email},Hidden,Words,public,impuls\n"
        f"{proposal.code},other@example.org,{proposal.pitch.title},Words,public,impuls\n"
        ",a@example.org,Shape,Words,public,square\n",
    )
    assert [(line.status, line.errors[0][0]) for line in report.lines] == [
        ("refused", "body"),
        ("refused", "state"),
        ("refused", "email"),
        ("refused", "format"),
    ]
    assert not User.objects.filter(email="a@example.org").exists()


# --- Schedule -------------------------------------------------------------------------------


@pytest.fixture
def board(event):
    for number in range(2):
        SlotFactory(event=event, number=number)
    saal = RoomFactory(event=event, name="Saal")
    one, two = ProposalFactory.create_batch(2, accepted=True, pitch__event=event)
    return saal, one, two


def at(proposal):
    place = Placement.objects.filter(proposal=proposal).first()
    return place and (place.room.name, place.during.lower, place.pinned)


def test_schedule_places_exchanges_and_takes_off(event, organiser, board, put_in):
    _saal, one, two = board
    head = "session,room,starts,pinned\n"
    put_in(
        "schedule",
        f"{head}{one.code},saal,2026-11-09 09:00,\n{two.code},Saal,2026-11-09 10:00,yes\n",
    )
    assert (at(one), at(two)) == (("Saal", hour(0), False), ("Saal", hour(1), True))
    put_in("schedule", f"{head}{two.code},Saal,2026-11-09 10:00,no\n")
    put_in(
        "schedule", f"{head}{one.code},Saal,2026-11-09 10:00,\n{two.code},Saal,2026-11-09 09:00,\n"
    )
    assert (at(one), at(two)) == (("Saal", hour(1), False), ("Saal", hour(0), False))
    put_in("schedule", f"{head}{one.code},,,\n")
    assert at(one) is None
    assert set(Move.objects.values_list("by", flat=True)) == {organiser.pk}


def test_schedule_refuses_what_the_board_refuses(event, organiser, board, look):
    saal, one, two = board
    place = moves.place(one, room=saal, starts_at=hour(0), by=organiser, now=NOW)
    moves.pin(one, expected=place.token, by=organiser, now=NOW)
    head = "session,room,starts\n"
    for row, reason in (
        (f"{two.code},Saal,2026-11-09 09:00", "taken"),
        (f"{two.code},Saal,2026-11-09 21:00", "not on the board"),
        (f"{two.code},Keller,2026-11-09 10:00", "no such room"),
        (f"{two.code},Saal,", "a room and a start"),
        (f"{two.code},Saal,someday", "valid date"),
        (f"{one.code},Saal,2026-11-09 10:00", "pinned"),
        ("nobody,Saal,2026-11-09 10:00", "in this event"),
    ):
        report, *_ = look("schedule", f"{head}{row}\n")
        assert [line.status for line in report.lines] == ["refused"], row
        assert reason in report.lines[0].errors[0][1]
    assert at(two) is None


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("slug", "queries"),
    [("pitches", 2), ("people", 1), ("rooms", 1), ("slots", 1), ("schedule", 2)],
)
def test_export_costs_the_same_for_one_row_and_for_three(
    event, number, slug, queries, django_assert_num_queries
):
    for count in range(number):
        SlotFactory(event=event, number=count)
        RoomFactory(event=event)
        ProposalFactory(pitch__event=event, accepted=True).pitch.tags.set([f"t{count}"])
    with django_assert_num_queries(queries):
        assert len(TABLES[slug](event).exported()) == number


def test_json_of_the_rooms_is_a_list_of_objects(event):
    RoomFactory(event=event, name="Saal", capacity=12, position=0)
    table = TABLES["rooms"](event)
    (row,) = json.loads(out.write(table.columns(), table.exported(), "json"))
    assert (row["name"], row["places"]) == ("Saal", "12")


def test_draft_of_a_host_keeps_its_state(event, look):
    proposal = ProposalFactory(pitch__event=event)
    Proposal.objects.filter(pk=proposal.pk).update(state="declined")
    report, *_ = look(
        "pitches",
        f"session,email,title,decision\n{proposal.code},{proposal.pitch.owner.email},{proposal.pitch.title},accepted\n",
    )
    assert [line.status for line in report.lines] == ["unchanged"]
