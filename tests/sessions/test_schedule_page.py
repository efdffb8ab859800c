"""The public programme: its table, its days, what changed, and who sees it."""

import datetime as dt
import re
import uuid

import pytest
from django.db.models import F
from django.urls import reverse

from config.lib import http
from sessions.models import Event, Host, Pitch, Placement, Proposal, Slot
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NINE, NOW, during, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory(slug="neo15")


@pytest.fixture
def rooms(event):
    return [
        RoomFactory(event=event, name=name, position=position)
        for position, name in enumerate(["Saal", "Galerie"])
    ]


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the views."""

    def set_clock(now: dt.datetime) -> None:
        monkeypatch.setattr("sessions.views.schedule.timezone.now", lambda: now)

    set_clock(NOW)
    return set_clock


def schedule(event, version=1, **kwargs):
    return ScheduleFactory(event=event, version=version, **kwargs)


def place(version, room, start=NINE, *, minutes=45, **kwargs):
    return PlacementFactory(schedule=version, room=room, during=during(start, minutes), **kwargs)


def text(response) -> str:
    """What stands on the page, on one line, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def rows(response) -> list[str]:
    """The rows of the tables, without tags."""
    found = re.findall(r"<tr.*?</tr>", response.content.decode(), flags=re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def url(event, name="schedule", *args) -> str:
    return reverse(f"program:{name}", args=[event.slug, *args])


def test_program_shows_rooms_times_hosts_and_formats(client, event, rooms, at):
    SlotFactory(event=event, number=0)
    SlotFactory(event=event, number=1, kind=Slot.Kind.BREAK, title="Coffee")
    version = schedule(event)
    shown = place(version, rooms[0], proposal__format=Proposal.Format.FISHBOWL)
    pitch = shown.proposal.pitch
    HostFactory(pitch=pitch, person=UserFactory(profile__name="Aylin Kaya"))
    response = client.get(url(event))
    host = pitch.owner.profile.name
    assert rows(response) == [
        "Time Saal 40 seats Galerie 40 seats",
        f"09:00 {pitch.title} {host}, Aylin Kaya · Saal Fishbowl free",
        "10:00 Coffee",
    ]
    assert "1 session in one room" in text(response)
    assert "1 place left" in text(response)
    assert f'href="{shown.proposal.get_absolute_url()}"' in response.content.decode()


def test_program_shows_the_newest_version_only(client, event, rooms, at):
    old, new = schedule(event, 1), schedule(event, 2)
    proposal = ProposalFactory(pitch__event=event, accepted=True)
    place(old, rooms[0], proposal=proposal)
    place(new, rooms[1], hour(3), proposal=proposal)
    place(ScheduleFactory(event=event), rooms[0], hour(5), proposal__title="Still a draft")
    response = client.get(url(event))
    host = proposal.pitch.owner.profile.name
    assert rows(response)[1:] == [
        f"12:00 {proposal.heading} 12:00 – 12:45 · {host} · Galerie Impulse"
    ]


def test_program_says_what_moved_what_is_new_and_what_is_gone(client, event, rooms, at):
    old, new = schedule(event, 1), schedule(event, 2)
    moved, gone, added = (
        ProposalFactory(pitch__event=event, accepted=True, title=title)
        for title in ("Markets", "Fax", "Bread")
    )
    place(old, rooms[0], hour(3), proposal=moved)
    place(old, rooms[1], hour(1), proposal=gone)
    place(new, rooms[1], hour(3), proposal=moved)
    place(new, rooms[0], hour(1), proposal=added)
    shown = text(client.get(url(event)))
    assert "3 changes since version 1" in shown
    assert "Markets Moved: now 12:00, Galerie (was Saal)" in shown
    assert "Bread New: Monday, 10:00, Saal" in shown
    assert "Fax Not in the programme any more (was Monday, 10:00, Galerie)" in shown


@pytest.mark.parametrize(
    ("room", "start", "minutes", "said"),
    [
        (1, hour(0), 45, "jetzt 09:00 Uhr, Galerie (vorher Saal)"),
        (0, hour(2), 45, "jetzt 11:00 Uhr, Saal (vorher 09:00 Uhr)"),
        (1, hour(2), 45, "jetzt 11:00 Uhr, Galerie (vorher 09:00 Uhr, Saal)"),
        (0, hour(24), 45, "jetzt Dienstag, 09:00 Uhr, Saal (vorher Montag, 09:00 Uhr)"),
        (0, hour(0), 90, "jetzt 09:00 bis 10:30 Uhr, Saal (vorher bis 09:45)"),
    ],
)
def test_move_says_only_what_differs(client, event, rooms, at, room, start, minutes, said):
    proposal = ProposalFactory(pitch__event=event, accepted=True)
    place(schedule(event, 1), rooms[0], hour(0), proposal=proposal)
    place(schedule(event, 2), rooms[room], start, minutes=minutes, proposal=proposal)
    response = client.get(url(event), headers={"Accept-Language": "de"})
    assert f"Verschoben: {said}" in text(response)


def test_first_version_lists_no_changes(client, event, rooms, at):
    place(schedule(event), rooms[0])
    assert "change" not in text(client.get(url(event)))


@pytest.mark.parametrize("state", sorted(Proposal.GONE - {Proposal.State.MERGED}))
def test_session_that_was_called_off_after_publishing_is_shown_as_cancelled(
    client, event, rooms, at, state
):
    place(schedule(event), rooms[0], proposal__title="Fax", proposal__state=state)
    response = client.get(url(event))
    assert rows(response)[1].endswith("Saal Cancelled")
    assert "0 sessions" in text(response)


def test_withdrawn_pitch_keeps_its_title_without_a_link(client, event, rooms, at):
    pitch = PitchFactory(event=event, withdrawn=True, title="Fax")
    place(schedule(event), rooms[0], proposal=ProposalFactory(pitch=pitch, accepted=True))
    response = client.get(url(event))
    assert "Fax" in rows(response)[1]
    assert pitch.get_absolute_url() not in response.content.decode()


@pytest.mark.parametrize("state", [Pitch.State.HIDDEN, Pitch.State.DRAFT])
def test_words_that_the_public_may_not_read_are_not_in_the_programme(
    client, event, rooms, at, state
):
    pitch = PitchFactory(event=event, state=state, title="Slander", owner__profile__name="Mallory")
    place(schedule(event), rooms[0], proposal=ProposalFactory(pitch=pitch, accepted=True))
    assert rows(client.get(url(event)))[1] == "09:00 A session 09:00 – 09:45 · Saal Cancelled"


def test_running_row_is_now(client, event, rooms, at):
    SlotFactory(event=event, number=0)
    SlotFactory(event=event, number=1)
    place(schedule(event), rooms[0], hour(1))
    at(hour(1, minutes=10))
    response = client.get(url(event))
    page = response.content.decode()
    assert re.findall(r'<tr id="(\w+)"><th scope="row" class="now">', page) == ["now"]
    assert rows(response)[2].startswith("10:00 Now")
    assert 'href="#now"' in page


def test_between_two_rows_the_page_leads_to_the_next(client, event, rooms, at):
    SlotFactory(event=event, number=0)
    SlotFactory(event=event, number=1)
    place(schedule(event), rooms[0], hour(1))
    at(hour(0, minutes=50))
    page = client.get(url(event)).content.decode()
    assert re.findall(r'<tr id="(\w+)"', page) == ["next"]
    assert 'class="now"' not in page


def test_days_have_pages_of_their_own(client, event, rooms, at):
    version = schedule(event)
    place(version, rooms[0], hour(0), proposal__title="Monday's")
    place(version, rooms[0], hour(24), proposal__title="Tuesday's")
    whole = client.get(url(event))
    assert url(event, "schedule_day", "2026-11-10") in whole.content.decode()
    assert len(rows(whole)) == 4
    response = client.get(url(event, "schedule_day", "2026-11-10"))
    assert "Tuesday, November 10: 1 session" in text(response)
    assert ["Tuesday&#x27;s" in row for row in rows(response)] == [False, True]


def test_today_is_marked_among_the_days(client, event, rooms, at):
    version = schedule(event)
    place(version, rooms[0], hour(0))
    place(version, rooms[0], hour(24))
    at(hour(25))
    assert "All days Monday, November 9 Today, Tuesday" in text(client.get(url(event)))


@pytest.mark.parametrize("day", ["2026-11-11", "2026-13-99", "0000-00-00", "٢٠٢٦-١١-٠٩"])
def test_day_without_programme_is_not_found(client, event, rooms, at, day):
    place(schedule(event), rooms[0])
    assert client.get(url(event, "schedule_day", day)).status_code == 404


def test_day_is_not_found_before_anything_is_published(client, event, at):
    assert client.get(url(event, "schedule_day", "2026-11-09")).status_code == 404


@pytest.mark.parametrize("name", ["schedule", "schedule_versions"])
def test_before_anything_is_published_the_page_says_what_happens_next(client, event, at, name):
    PlacementFactory(schedule__event=event, proposal__title="Still a draft")
    shown = text(client.get(url(event, name)))
    assert "No programme yet" in shown
    assert "1 pitch is on the wall so far." in shown
    assert "Still a draft" not in shown


def test_after_an_event_without_a_programme_nothing_is_promised(client, event, at):
    at(hour(100))
    assert "This event published no programme." in text(client.get(url(event)))


def test_archived_event_shows_its_programme_without_free_places(client, rooms, event, at):
    Event.objects.filter(pk=event.pk).update(state=Event.State.ARCHIVED)
    SlotFactory(event=event, number=0)
    place(schedule(event), rooms[0])
    at(hour(24 * 365))
    response = client.get(url(event))
    assert "1 session in one room" in text(response)
    assert not re.search(r"free|left|calendar", rows(response)[1])


def test_versions_lists_every_version_with_its_changelog_and_changes(client, event, rooms, at):
    proposal = ProposalFactory(pitch__event=event, accepted=True, title="Markets")
    place(schedule(event, 1, changelog="The first."), rooms[0], proposal=proposal)
    place(schedule(event, 2, changelog="Rooms swapped."), rooms[1], proposal=proposal)
    place(schedule(event, 3), rooms[1], proposal=proposal)
    shown = text(client.get(url(event, "schedule_versions")))
    assert "3 versions of the programme" in shown
    assert re.search(
        r"Version 3 .* No session got another place\. "
        r"Version 2 .* Rooms swapped\. Markets Moved: now 09:00, Galerie \(was Saal\) "
        r"Version 1 .* The first\. ",
        shown,
    )


def test_interest_of_an_account_is_marked(client, event, rooms, at):
    shown = place(schedule(event), rooms[0])
    user = InterestFactory(proposal=shown.proposal).user
    assert "You're in" not in text(client.get(url(event)))
    client.force_login(user)
    assert rows(client.get(url(event)))[1].endswith("You're in")


def test_interest_of_a_browser_is_marked(client, event, rooms, at):
    shown = place(schedule(event), rooms[0])
    visitor = uuid.uuid4()
    InterestFactory(proposal=shown.proposal, user=None, visitor=visitor)
    response = client.get(url(event))
    http.remember_visitor(response, visitor)
    client.cookies.update(response.cookies)
    assert rows(client.get(url(event)))[1].endswith("You're in")


@pytest.mark.parametrize("name", ["schedule", "schedule_versions", "program_ics"])
def test_draft_event_is_not_found_by_strangers_and_shown_to_its_organisers(client, at, name):
    event = EventFactory(draft=True)
    place(schedule(event), RoomFactory(event=event))
    assert client.get(url(event, name)).status_code == 404
    client.force_login(MembershipFactory(event=event).user)
    assert client.get(url(event, name)).status_code == 200


@pytest.mark.parametrize("name", ["schedule", "schedule_versions", "program_ics"])
def test_anonymous_reader_gets_no_cookie_and_writes_nothing(client, event, rooms, at, name):
    place(schedule(event), rooms[0])
    assert not client.get(url(event, name)).cookies
    assert client.post(url(event, name)).status_code == 405


@pytest.mark.parametrize(("name", "queries"), [("schedule", 6), ("schedule_versions", 3)])
@pytest.mark.parametrize("count", [1, 3, 25])
def test_queries_do_not_grow_with_the_programme(
    client, event, at, name, queries, count, django_assert_num_queries
):
    old, new = schedule(event, 1), schedule(event, 2)
    for number in range(count):
        room = RoomFactory(event=event)
        SlotFactory(event=event, number=number)
        proposal = ProposalFactory(pitch__event=event, accepted=True)
        place(old, room, hour(number), proposal=proposal)
        place(new, room, hour(number + 1), proposal=proposal)
    with django_assert_num_queries(queries):
        assert client.get(url(event, name)).status_code == 200


@pytest.mark.parametrize("count", [3, 300])
def test_programme_of_300_sessions_asks_six_times(
    client, event, at, count, django_assert_num_queries
):
    owner, published = UserFactory(), schedule(event, 1)
    rooms = RoomFactory.create_batch(10, event=event)
    pitches = Pitch.objects.bulk_create(
        Pitch(event=event, owner=owner, title=f"Pitch {n}", slug="pitch", state="public",
              published_at=NOW) for n in range(count)
    )  # fmt: skip
    Host.objects.bulk_create(Host(pitch=pitch, person=owner) for pitch in pitches)
    sessions = Proposal.objects.bulk_create(
        Proposal(pitch=pitch, position=0, state="accepted") for pitch in pitches
    )
    for number in range(count // 10 or 1):
        SlotFactory(event=event, number=number)
    Placement.objects.bulk_create(
        Placement(schedule=published, proposal=session, room=rooms[n % 10],
                  during=during(hour(n // 10))) for n, session in enumerate(sessions)
    )  # fmt: skip
    with django_assert_num_queries(6):
        assert client.get(url(event, "schedule")).status_code == 200


# --- What moved on the day -------------------------------------------------------------------


@pytest.fixture
def moved(event, rooms):
    """“Fax” was at 10:00 in the Saal when the event began and is at 12:00 in the Galerie now."""
    for number in (1, 2, 3):
        SlotFactory(event=event, number=number)
    fax = ProposalFactory(pitch__event=event, pitch__title="Fax", accepted=True)
    place(schedule(event), rooms[0], hour(1), proposal=fax)
    later = schedule(event, 2, published_at=hour(0))
    place(later, rooms[1], hour(3), proposal=fax)
    return fax


def test_old_place_points_to_the_new_one(client, event, moved, at):
    at(hour(0))
    response = client.get(url(event))
    assert rows(response)[1] == "10:00 free Fax Moved: now 12:00, Galerie (was 10:00, Saal) free"
    assert rows(response)[3].startswith("12:00 free Fax")
    old = re.findall(r"<td>.*?</td>", response.content.decode(), flags=re.S)[0]
    assert f'href="{moved.get_absolute_url()}"' in old


def test_old_place_points_in_german(client, event, moved, at):
    at(hour(0))
    response = client.get(url(event), headers={"Accept-Language": "de"})
    said = "Verschoben: jetzt 12:00&nbsp;Uhr, Galerie (vorher 10:00&nbsp;Uhr, Saal)"
    assert said.replace("&nbsp;", "\xa0") in response.content.decode()


def test_old_place_that_another_session_took_points_beside_it(client, event, moved, rooms, at):
    brot = ProposalFactory(pitch__event=event, pitch__title="Brot", accepted=True)
    place(event.schedules.get(version=2), rooms[0], hour(1), proposal=brot)
    row = rows(client.get(url(event)))[1]
    assert row.index("Brot") < row.index("Fax Moved: now 12:00, Galerie (was 10:00, Saal)")


def test_old_place_points_from_the_next_one_when_the_day_is_late(client, event, moved, rooms, at):
    late = dt.timedelta(minutes=15)
    event.slots.update(starts_at=F("starts_at") + late, ends_at=F("ends_at") + late)
    SlotFactory(event=event, number=0)
    brot = ProposalFactory(pitch__event=event, pitch__title="Brot", accepted=True)
    for version, start in ((1, hour(2)), (2, hour(2) + late)):
        place(event.schedules.get(version=version), rooms[0], start, proposal=brot, minutes=10)
    page = rows(client.get(url(event)))
    assert page[2] == "10:15 free Fax Moved: now 12:00, Galerie (was 10:00, Saal) free"
    assert sum("Moved" in row for row in page) == 1


def test_old_place_of_what_is_gone_says_so(client, event, moved, rooms, at):
    place(schedule(event, 3, published_at=hour(1)), rooms[1], hour(2))
    page = rows(client.get(url(event)))
    assert page[1] == "10:00 free Fax Cancelled free"
    assert page[3] == "12:00 free free Fax Cancelled"


def test_what_moved_before_the_event_points_nowhere(client, event, moved, at):
    event.schedules.filter(version=2).update(published_at=NOW)
    assert rows(client.get(url(event)))[1] == "10:00 free free"


def test_pitch_says_that_its_session_moved(client, event, moved):
    page = text(client.get(moved.pitch.get_absolute_url()))
    assert "Mon 12:00, Galerie Moved: now 12:00, Galerie (was 10:00, Saal)" in page
    event.schedules.filter(version=2).update(published_at=NOW)
    assert "Moved:" not in text(client.get(moved.pitch.get_absolute_url()))


@pytest.mark.parametrize("count", [3, 40])
def test_queries_do_not_grow_with_the_versions_of_a_day(
    client, event, rooms, at, count, django_assert_num_queries
):
    fax = ProposalFactory(pitch__event=event, accepted=True)
    for number in range(1, count):
        version = schedule(event, number, published_at=hour(0, minutes=number))
        place(version, rooms[number % 2], hour(number), proposal=fax)
    with django_assert_num_queries(6):
        client.get(url(event))


def test_automatic_changelog_says_nothing_twice(client, event, moved, at):
    event.schedules.filter(version=2).update(is_automatic=True, changelog="“Fax”: somewhere else")
    page = text(client.get(url(event, "schedule_versions")))
    assert "somewhere else" not in page
    assert "Moved: now 12:00, Galerie (was 10:00, Saal)" in page
