"""The programme as a calendar, read back by a parser and checked line by line."""

import datetime as dt
import re

import icalendar
import pytest
from django.urls import reverse
from django.utils import timezone

from sessions import curation, decisions
from sessions.models import Pitch, Proposal
from sessions.scheduling import publish as publishing
from tests.factories import (
    EventFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory(slug="neo15", place="Bonn")


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal")


def publish(event, *placed, version=1, published_at=NOW):
    """A version with ``placed``: (proposal, room, start, sequence)."""
    schedule = ScheduleFactory(event=event, version=version, published_at=published_at)
    for proposal, room, start, sequence in placed:
        PlacementFactory(
            schedule=schedule,
            proposal=proposal,
            room=room,
            during=during(start),
            sequence=sequence,
        )


def proposal(event, **kwargs):
    return ProposalFactory(pitch__event=event, accepted=True, **kwargs)


def get(client, event, code="", **headers):
    name, args = ("session_ics", [event.slug, code]) if code else ("program_ics", [event.slug])
    return client.get(reverse(f"program:{name}", args=args), headers=headers)


def parsed(response) -> icalendar.Calendar:
    assert_lines_are_strict(response.content)
    return icalendar.Calendar.from_ical(response.content)


def events(response) -> dict[str, icalendar.Event]:
    """By code."""
    return {str(one["UID"]).split("@")[0]: one for one in parsed(response).walk("VEVENT")}


def assert_lines_are_strict(body: bytes) -> None:
    """RFC 5545, 3.1: CRLF, at most 75 octets, whole letters, no control characters."""
    assert body.endswith(b"\r\n")
    lines = body.removesuffix(b"\r\n").split(b"\r\n")
    for line in lines:
        assert 0 < len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
        line.decode()
        assert re.match(rb"[ \t]|[A-Z][A-Z0-9-]*[;:]", line), line


def test_program_is_a_published_calendar(client, event, saal):
    publish(event, (proposal(event), saal, hour(0), 0))
    response = get(client, event)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="neo15.ics"'
    calendar = parsed(response)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["VERSION"] == "2.0"
    assert calendar["X-WR-CALNAME"] == event.name
    assert calendar["X-WR-TIMEZONE"] == "Europe/Berlin"
    assert calendar["UID"] == "neo15@testserver"


def test_session_tells_all_that_a_calendar_can_show(client, event, saal):
    session = proposal(event, title="Markt & Macht", abstract="Wem gehört **der Platz**?")
    session.pitch.tags.add("recht", "geld")
    publish(event, (session, saal, hour(0), 3))
    entry = events(get(client, event, session.code))[session.code]
    address = f"http://testserver{session.get_absolute_url()}"
    host = session.pitch.owner.profile.name
    assert entry["SUMMARY"] == "Markt & Macht"
    assert entry["UID"] == f"{session.code}@testserver"
    assert entry["SEQUENCE"] == 3
    assert entry["LOCATION"] == "Saal, Bonn"
    assert entry["URL"] == address
    assert entry["DESCRIPTION"] == f"{host}\n\nWem gehört der Platz?\n\n{address}"
    assert entry["STATUS"] == "CONFIRMED"
    assert entry.categories == ["geld", "recht"]


def test_session_without_tags_has_its_format_as_category(client, event, saal):
    session = proposal(event, format=Proposal.Format.DISKUSSION)
    publish(event, (session, saal, hour(0), 0))
    response = get(client, event, session.code, accept_language="de")
    assert events(response)[session.code].categories == ["Diskussion"]


def test_times_are_in_utc_across_the_end_of_summer_time(client, event, saal):
    starts = [dt.datetime(2026, 10, day, 9, 0, tzinfo=event.zone) for day in (24, 26)]
    sessions = [proposal(event) for _start in starts]
    publish(event, *((one, saal, at, 0) for one, at in zip(sessions, starts, strict=True)))
    response = get(client, event)
    assert re.findall(rb"DTSTART:(\w+)", response.content) == [
        b"20261024T070000Z",
        b"20261026T080000Z",
    ]
    assert [one.start for one in events(response).values()] == starts


def test_bytes_are_the_same_whenever_they_are_asked_for(client, event, saal):
    publish(event, (proposal(event), saal, hour(0), 0))
    first = get(client, event)
    assert get(client, event).content == first.content
    (entry,) = events(first).values()
    assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt == NOW


@pytest.mark.parametrize("state", sorted(Proposal.GONE - {Proposal.State.MERGED}))
def test_cancelled_session_stays_with_a_higher_sequence(client, event, saal, state):
    session = proposal(event, title="Fax")
    publish(event, (session, saal, hour(0), 4))
    Proposal.objects.filter(pk=session.pk).update(state=state)
    entry = events(get(client, event))[session.code]
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 5)
    assert entry["SUMMARY"] == "Cancelled: Fax"


def test_session_removed_from_the_programme_stays_as_cancelled(client, event, saal):
    stays, goes = proposal(event), proposal(event)
    publish(event, (stays, saal, hour(0), 0), (goes, saal, hour(1), 1))
    later = NOW + dt.timedelta(days=1)
    publish(event, (stays, saal, hour(0), 0), version=2, published_at=later)
    publish(event, (stays, saal, hour(0), 0), version=3, published_at=later)
    found = events(get(client, event))
    assert {code: (str(one["STATUS"]), one["SEQUENCE"]) for code, one in found.items()} == {
        stays.code: ("CONFIRMED", 0),
        goes.code: ("CANCELLED", 2),
    }
    assert found[goes.code].start == hour(1)
    assert found[goes.code]["DTSTAMP"].dt == later
    assert events(get(client, event, goes.code))[goes.code]["STATUS"] == "CANCELLED"


def test_moved_session_is_told_once_with_its_new_place(client, event, saal):
    session = proposal(event)
    publish(event, (session, saal, hour(0), 0))
    publish(event, (session, saal, hour(2), 1), version=2)
    (entry,) = events(get(client, event)).values()
    assert (entry.start, entry["SEQUENCE"]) == (hour(2), 1)
    assert "Moved:" not in entry["DESCRIPTION"]
    publish(event, (session, saal, hour(3), 2), version=3, published_at=hour(1))
    (entry,) = events(get(client, event)).values()
    assert entry["DESCRIPTION"].startswith("Moved: now 12:00, Saal (was 11:00)\n\n")


def test_long_words_umlauts_and_emoji_are_folded_between_letters(client, event, saal):
    long_word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
    title = f"„Übergrößenträger“ 🧶🧵 {long_word}"
    session = proposal(event, title=title, abstract="äöüß🧶" * 60)
    publish(event, (session, saal, hour(0), 0))
    entry = events(get(client, event))[session.code]
    assert entry["SUMMARY"] == title


@pytest.mark.parametrize(
    "title",
    [
        "A\r\nSTATUS:CANCELLED\r\nX-EVIL:1",
        "B\nEND:VEVENT\nBEGIN:VEVENT",
        "C\u2028D\x0b\x85; E, F\\nG",
    ],
)
def test_title_cannot_write_lines_of_its_own(client, event, saal, title):
    """The forms refuse such titles; here they come past the forms."""
    session = proposal(event, title=title, needs="")
    room = RoomFactory(event=event, name="Saal\r\nX-EVIL:1", slug="evil")
    session.pitch.tags.add("tag,with;signs")
    publish(event, (session, room, hour(0), 0))
    calendar = parsed(get(client, event))
    (entry,) = calendar.walk("VEVENT")
    assert "X-EVIL" not in entry
    assert entry["STATUS"] == "CONFIRMED"
    assert len(str(entry["SUMMARY"]).splitlines()) == 1


def test_hidden_pitch_is_cancelled_without_its_words(client, event, saal):
    pitch = PitchFactory(event=event, state=Pitch.State.HIDDEN, title="Slander", body="Slander")
    pitch.tags.add("slander")
    session = ProposalFactory(pitch=pitch, accepted=True)
    publish(event, (session, saal, hour(0), 0))
    response = get(client, event)
    assert b"slander" not in response.content.lower()
    assert pitch.owner.profile.name.encode() not in response.content
    assert events(response)[session.code]["STATUS"] == "CANCELLED"


def test_program_is_not_found_before_it_is_published(client, event):
    PlacementFactory(schedule__event=event)
    assert get(client, event).status_code == 404


def test_session_is_not_found_without_a_published_place(client, event, saal):
    publish(event, (proposal(event), saal, hour(0), 0))
    drafted = PlacementFactory(schedule=ScheduleFactory(event=event)).proposal
    foreign = proposal(EventFactory())
    for code in (drafted.code, foreign.code, "aaaaaa"):
        assert get(client, event, code).status_code == 404


@pytest.mark.parametrize("count", [1, 3, 25])
def test_queries_do_not_grow_with_the_programme(
    client, event, saal, count, django_assert_num_queries
):
    sessions = [proposal(event) for _number in range(count)]
    for one in sessions:
        one.pitch.tags.add("money", f"tag-{one.code}")
    publish(event, *((one, saal, hour(at), 0) for at, one in enumerate(sessions)))
    with django_assert_num_queries(5):
        assert get(client, event).status_code == 200


def test_sequence_rises_with_every_turn_and_never_falls(client, event, saal):
    """Cancelled and back without a version, hidden and shown, off the grid and on it again."""
    by = UserFactory()
    session, other = proposal(event), proposal(event)
    draft = ScheduleFactory(event=event)
    place = PlacementFactory(schedule=draft, proposal=session, room=saal, during=during(hour(0)))
    PlacementFactory(schedule=draft, proposal=other, room=saal, during=during(hour(2)))
    seen = []

    def look():
        entry = events(get(client, event))[session.code]
        seen.append((str(entry["STATUS"]), int(entry["SEQUENCE"])))

    def freeze(number):
        now = timezone.now()
        publishing.publish(event, by=by, changelog="", now=now, knowingly=True)
        assert event.schedules.published().first().version == number
        look()

    freeze(1)
    decisions.withdraw(session, by=by)
    look()
    decisions.reopen(session, by=by)
    decisions.accept(session, by=by)
    look()
    curation.hide(session.pitch, by=by)
    look()
    curation.show(session.pitch, by=by)
    look()
    place.during = during(hour(1))
    place.save()
    freeze(2)
    place.delete()
    freeze(3)
    PlacementFactory(schedule=draft, proposal=session, room=saal, during=during(hour(1)))
    freeze(4)
    numbers = [number for _status, number in seen]
    assert numbers == sorted(set(numbers))
    assert [status for status, _number in seen] == [
        "CONFIRMED", "CANCELLED", "CONFIRMED", "CANCELLED", "CONFIRMED",
        "CONFIRMED", "CANCELLED", "CONFIRMED",
    ]  # fmt: skip
