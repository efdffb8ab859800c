"""Screens: what hangs on projectors, doors and phones, and how it goes on without the network."""

import datetime as dt
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from config import pages
from sessions import screens
from sessions.models import Proposal, Slot
from sessions.programmes import Entry
from sessions.scheduling import grid
from sessions.scheduling.grid import Room, Span
from tests.factories import (
    EventFactory,
    InterestFactory,
    PlacementFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

BERLIN = ZoneInfo("Europe/Berlin")
SAAL, GALERIE = Room(1, "Saal"), Room(2, "Galerie")


def entry(number: int, room: Room = SAAL, *, minutes: int = 45, **more) -> Entry:
    span = Span(hour(number), hour(number) + dt.timedelta(minutes=minutes))
    pk = number * 10 + room.id
    return Entry(proposal_id=pk, code=f"c{pk}", title=f"T{pk}", room=room, span=span, **more)


def day(*entries: Entry, slots=()) -> screens.Day:
    return screens.Day((SAAL, GALERIE), tuple(slots), entries, BERLIN)


def slot(number: int, kind: str) -> grid.Slot:
    return grid.Slot(number, Span(hour(number), hour(number + 1)), kind, kind.title())


def codes(entries) -> list[str]:
    return [one.code for one in entries]


def test_view_tells_what_runs_and_what_begins_next_in_the_order_of_the_rooms():
    view = day(entry(0, GALERIE), entry(0), entry(1), entry(2, GALERIE)).views(hour(0))[0]
    assert (codes(view.now), codes(view.next)) == (["c1", "c2"], ["c11"])
    lines = [(line.room.name, line.now.code, line.next.code) for line in view.lines]
    assert lines == [("Saal", "c1", "c11"), ("Galerie", "c2", "c22")]


def test_views_follow_each_other_until_the_horizon_and_the_last_one_holds_on():
    views = day(entry(0), entry(1), entry(9)).views(hour(0, minutes=10))
    ends = [view.ends_at for view in views]
    assert ends == [hour(0, minutes=45), hour(1), hour(1, minutes=45), None]
    assert [view.begins_at for view in views][1:] == ends[:-1]
    assert [codes(view.now) for view in views] == [["c1"], [], ["c11"], []]
    assert [view.is_first for view in views] == [True, False, False, False]


def test_tomorrow_is_not_next_but_is_when_it_goes_on():
    view = day(entry(0), entry(24)).views(hour(1))[0]
    assert (view.next, view.is_next_today, view.next_at) == ((), False, hour(24))


def test_cancelled_session_keeps_its_cell_and_counts_for_nothing():
    view = day(entry(0, takes_place=False), entry(1, takes_place=False)).views(hour(0))[0]
    assert (codes(view.now), view.running, view.next_at) == (["c1"], 0, None)


def test_break_that_runs_and_plenary_that_comes_are_told():
    slots = [slot(0, "break"), slot(1, "plenary")]
    view = day(entry(2), slots=slots).views(hour(0))[0]
    assert (view.slot, view.next_slot, view.next_at) == (*slots, hour(1))
    assert codes(view.next) == ["c21"]


def test_more_rooms_than_fit_make_pages():
    rooms = [Room(number, f"R{number}") for number in range(1, 8)]
    shown = day(*(entry(0, room) for room in rooms)).views(hour(0))[0]
    assert [len(page) for page in shown.pages] == [4, 3]
    assert [len(page) for page in day().views(hour(0))[0].pages] == [0]


def test_fewer_rooms_stand_on_a_page_with_long_titles_and_a_long_headline():
    def pages(title: str, **more) -> list[int]:
        rooms = [Room(number, f"R{number}") for number in range(1, 5)]
        lines = (replace(entry(0, room, hosts=("Aylin",)), title=title) for room in rooms)
        return [len(page) for page in day(*lines, **more).views(hour(0))[0].pages]

    assert pages("word " * 10) == [4]
    assert pages("word " * 15) == [3, 1]
    assert pages("word " * 20) == [3, 1]
    assert pages("word " * 20, slots=[slot(0, "plenary")]) == [2, 2]


@pytest.fixture
def event(db):
    return EventFactory(slug="neo15", language="en")


@pytest.fixture
def rooms(event):
    return [
        RoomFactory(event=event, name=name, position=n) for n, name in enumerate(["Saal", "Hof"])
    ]


@pytest.fixture
def version(event):
    return ScheduleFactory(event=event, version=1)


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the views."""

    def set_clock(now: dt.datetime) -> None:
        monkeypatch.setattr("sessions.views.screens.timezone.now", lambda: now)

    set_clock(hour(1, minutes=10))
    return set_clock


def shown(response) -> str:
    """What stands in the sections that are not hidden, on one line, without tags."""
    found = re.findall(r"<section [^>]*>.*?</section>", response.content.decode(), flags=re.S)
    open_ones = [one for one in found if " hidden" not in one.partition(">")[0]]
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join(open_ones)).split())


def url(name: str, *more: str) -> str:
    return reverse(f"program:{name}", args=["neo15", *more])


def place(version, room, number, title, **more):
    when = during(hour(number))
    return PlacementFactory(
        schedule=version,
        room=room,
        during=when,
        proposal__title=title,
        proposal__pitch__owner__profile__name="Aylin",
        **more,
    )


def test_projector_shows_now_and_next_of_every_room_with_clock_and_code(client, rooms, version, at):
    place(version, rooms[0], 1, "Money")
    place(version, rooms[1], 2, "Time")
    response = client.get(url("screen"))
    assert shown(response) == (
        "Now: 1 session Now and next Room Now Next "
        "Saal Money Aylin Impulse · until 10:45 Hof Time Aylin Impulse · 11:00"
    )
    page = response.content.decode()
    assert 'data-zone="3600000">10:10</p>' in page
    assert 'aria-label="QR code of the programme"' in page
    assert "<p>testserver<wbr>/neo15/program/</p>" in page


def test_projector_without_javascript_turns_its_page_by_a_link(client, event, version, at):
    for number in range(6):
        room = RoomFactory(event=event, name=f"R{number}", position=number)
        place(version, room, 1, f"Title {number}")
    assert "Title 0" in shown(client.get(url("screen")))
    second = client.get(f"{url('screen')}?page=2")
    assert "Title 5" in shown(second)
    assert "Title 0" not in shown(second)
    for absurd in ("0", "9", "x", "²", "99999999999999999999", ""):
        assert "Title 0" in shown(client.get(f"{url('screen')}?page={absurd}"))


def test_door_shows_only_its_room(client, rooms, version, at):
    place(version, rooms[0], 1, "Money")
    place(version, rooms[0], 2, "Later")
    place(version, rooms[1], 1, "Elsewhere")
    response = client.get(url("door", "saal"))
    assert shown(response) == (
        "Now Money Aylin Impulse · until 10:45 Next · 11:00 Later Aylin Impulse · 11:00"
    )
    assert "Elsewhere" not in response.content.decode()
    at(hour(0, minutes=50))
    assert shown(client.get(url("door", "saal"))).startswith("Free until 10:00")
    SlotFactory(event=rooms[0].event, number=0.9, kind=Slot.Kind.PLENARY, title="Welcome")
    assert shown(client.get(url("door", "saal"))).startswith("Welcome · 09:54")


def test_phone_links_to_the_sessions_and_shows_ones_own_marks(client, rooms, version, at):
    placed = place(version, rooms[0], 1, "Money")
    reader = UserFactory()
    InterestFactory(proposal=placed.proposal, user=reader)
    assert "You're in" not in client.get(url("now")).content.decode()
    client.force_login(reader)
    response = client.get(url("now"))
    assert f'href="{placed.proposal.get_absolute_url()}"' in response.content.decode()
    assert "You're in" in shown(response)


@pytest.mark.parametrize("name", ["screen", "now"])
@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW, "It begins on Nov. 9, 2026, 10:00."),
        (hour(0), "Next round at 10:00"),
        (hour(12), "Next round on Tuesday at 10:00"),
        (hour(50), "Thank you for being here."),
    ],
)
def test_before_between_and_after_something_sensible_stands_there(
    client, rooms, version, at, name, now, said
):
    place(version, rooms[0], 1, "Money")
    place(version, rooms[0], 25, "Second day")
    at(now)
    assert shown(client.get(url(name))).startswith(said)


def test_before_the_programme_is_published_the_first_day_is_told(client, event, at):
    at(NOW)
    assert shown(client.get(url("screen"))) == "It begins on Nov. 9, 2026."


def test_break_is_told_with_its_end(client, event, rooms, version, at):
    SlotFactory(event=event, number=1, kind=Slot.Kind.BREAK, title="Soup")
    place(version, rooms[0], 2, "Money")
    assert shown(client.get(url("screen"))).startswith("Soup until 10:45")


def test_cancelled_session_is_said_to_be(client, rooms, version, at):
    placed = place(version, rooms[0], 1, "Money")
    Proposal.objects.filter(pk=placed.proposal_id).update(state=Proposal.State.CANCELLED)
    assert "Cancelled" in shown(client.get(url("screen")))


@pytest.mark.parametrize("name", ["screen", "now"])
@pytest.mark.parametrize("number", [1, 3])
def test_screens_ask_6_questions_however_much_goes_on(
    client, django_assert_num_queries, event, version, at, name, number
):
    for n in range(number):
        place(version, RoomFactory(event=event, position=n), 1, f"Title {n}")
    with django_assert_num_queries(6):
        client.get(url(name))


def test_door_of_no_room_is_not_there(client, event):
    assert client.get(url("door", "nowhere")).status_code == 404


def test_unchanged_screen_is_answered_with_304_with_a_log_in_and_without(
    settings, rooms, version, at
):
    settings.KEEP_PAGES = True
    pages.store.clear()
    place(version, rooms[0], 1, "Money")
    for client in (Client(), Client()):
        etag = client.get(url("now"))["ETag"]
        polled = client.get(url("now"), headers={"if-none-match": etag})
        assert (polled.status_code, polled.content) == (304, b"")
        client.force_login(UserFactory())
    pages.store.clear()


def test_screen_leaves_no_cookie(client, rooms, version, at):
    for address in (url("screen"), url("now"), url("door", "saal")):
        assert not client.get(address).cookies
