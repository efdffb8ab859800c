"""What the board says beside the grid: costs, news, who is concerned, and for how many queries."""

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions.models import Placement, Unavailability
from sessions.scheduling import moves
from tests.factories import (
    CommentFactory,
    InterestFactory,
    PlacementFactory,
    RoomFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour
from tests.sessions.scheduling.test_board import seen, session, text, to, url

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bernd():
    return UserFactory(profile__name="Bernd Ott")


def known(response):
    """What the page would send along with its next question."""
    page = response.content.decode()
    token = re.search(r'"If-None-Match":"\\"(.+?)\\""', page)[1]
    return HTMX | {
        "If-None-Match": f'"{token}"',
        "Board-Moves": re.search(r'"Board-Moves":"(.+?)"', page)[1],
    }


def poll(desk, event, headers):
    return desk.get(url(event), {"poll": ""}, headers=headers)


# --- Size -----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_board_costs_eight_queries(desk, event, saal, draft, django_assert_num_queries, number):
    reader = UserFactory()
    for count in range(number):
        for room in (saal, RoomFactory(event=event)):
            place = PlacementFactory(schedule=draft, room=room, during=during(hour(24 * count)))
            InterestFactory(proposal=place.proposal, user=reader)
        InterestFactory(proposal=session(event), anonymous=True)
    waiting = session(event)
    with django_assert_num_queries(8):
        page = desk.get(url(event), {"held": waiting.code})
    assert "1 person wants both" in text(page)


def test_board_with_200_sessions_is_below_150_kilobytes(desk, event, draft):
    rooms = [RoomFactory(event=event, name=f"Raum {number}") for number in range(10)]
    for number in range(3, 20):
        SlotFactory(event=event, starts_at=hour(number), ends_at=hour(number, minutes=45))
    title = "Genossenschaft statt Plattform, nur wie?"
    readers = [UserFactory() for _ in range(4)]
    for number in range(170):
        place = PlacementFactory(
            schedule=draft,
            room=rooms[number % 10],
            during=during(hour(number // 10)),
            proposal__pitch__title=title,
        )
        InterestFactory(proposal=place.proposal, user=readers[number % 4])
    waiting = [session(event, pitch__title=title) for _ in range(30)]
    for reader in readers:
        InterestFactory(proposal=waiting[0], user=reader)
    assert len(desk.get(url(event)).content) <= 150_000
    assert len(desk.get(url(event), {"held": waiting[0].code}).content) <= 150_000


# --- While a session is held ------------------------------------------------------------------


def test_cells_say_what_they_cost_and_free_ones_say_nothing(desk, event, saal, draft):
    small = RoomFactory(event=event, name="Kammer", capacity=1, position=3)
    taken = PlacementFactory(schedule=draft, room=saal, during=during(hour(0)))
    waiting = session(event, pitch__owner=taken.proposal.pitch.owner)
    for user in (reader := UserFactory(), UserFactory()):
        InterestFactory(proposal=waiting, user=user)
    InterestFactory(proposal=taken.proposal, user=reader)
    page = text(desk.get(url(event), {"held": waiting.code}))
    host = taken.proposal.pitch.owner.profile.name
    assert f"Here: 09:00, Kammer −1 person 1 place short {host} busy" in page
    assert "Here: 10:00, Saal Here: 10:00, Kammer 1 place short" in page
    assert small.capacity == 1


def test_times_when_a_host_of_the_held_session_is_away_are_shaded_and_named(desk, event, saal):
    waiting = session(event)
    host = waiting.pitch.owner
    Unavailability.objects.create(event=event, person=host, during=during(hour(1)))
    response = desk.get(url(event), {"held": waiting.code})
    assert response.content.decode().count('class="is-away"') == 1
    assert f"10:00 –10:45 {host.profile.name} away Here: 10:00, Saal" in text(response)
    assert 'class="is-away"' not in desk.get(url(event)).content.decode()


# --- Beside the grid --------------------------------------------------------------------------


def test_waiting_sessions_are_filtered_and_the_filter_outlives_a_move(desk, event, saal):
    fax = session(event, pitch__title="Fax", format="workshop")
    session(event, pitch__title="Brot", format="impuls")
    chosen = f"{url(event)}?sort=title&format=workshop"
    page = desk.get(chosen).content.decode()
    assert (">Fax</h3>" in page, ">Brot</h3>" in page) == (True, False)
    action = re.search(r'action="(move/[^"]*)"', page)[1].replace("&amp;", "&")
    data = {"session": f"{fax.code}/", "to": to(saal, hour(0))}
    action = url(event) + action
    moved = desk.post(action, data)
    assert moved.headers["Location"] == f"{chosen}#session-{fax.code}"
    again = desk.post(action, data, headers=HTMX)
    assert again.headers["HX-Replace-Url"] == chosen


@pytest.mark.parametrize("query", ["sort=x", "format=nothing", "tag=%00", "q=" + "a" * 500])
def test_nonsense_in_the_address_filters_nothing(desk, event, saal, query):
    session(event, pitch__title="Fax")
    assert ">Fax</h3>" in desk.get(f"{url(event)}?{query}").content.decode()


def test_pity_names_the_members_concerned_and_counts_visitors(desk, event, saal, galerie, draft):
    one, two = (
        PlacementFactory(schedule=draft, room=room, during=during(hour(0)))
        for room in (saal, galerie)
    )
    readers = [UserFactory(profile__name=name) for name in ("Zoe Arndt", "Ali Demir")]
    visitor = InterestFactory(proposal=one.proposal, anonymous=True).visitor
    InterestFactory(proposal=two.proposal, anonymous=True, visitor=visitor)
    for place in (one, two):
        for reader in readers:
            InterestFactory(proposal=place.proposal, user=reader)
    assert "Who Ali Demir, Zoe Arndt; 1 visitor without an account" in text(desk.get(url(event)))


def test_conflict_names_the_hosts_whom_it_concerns(desk, event, saal, draft):
    place = PlacementFactory(
        schedule=draft, room=saal, proposal__pitch__title="Fax", proposal__features=["Beamer"]
    )
    host = place.proposal.pitch.owner.profile.name
    page = text(desk.get(url(event)))
    assert f"Saal does not have Beamer: Fax (Mon 10:00, Saal, {host})" in page


def test_free_cells_lead_to_a_session_on_the_spot_in_live_mode_alone(desk, event, saal):
    start = timezone.now().replace(minute=0, second=0, microsecond=0)
    for hours in (-1, 1):
        begins = start + dt.timedelta(hours=hours)
        ends = begins + dt.timedelta(minutes=30)
        SlotFactory(event=event, starts_at=begins, ends_at=ends)
    event.slots.filter(starts_at__in=[hour(number) for number in range(3)]).delete()
    assert "live/spot/" not in desk.get(url(event)).content.decode()
    event.live = True
    event.save()
    (link,) = re.findall(r'href="([^"]+live/spot/[^"]+)"', desk.get(url(event)).content.decode())
    chosen = f'value="{to(saal, begins.astimezone(dt.UTC))}" selected'
    assert chosen in desk.get(link.replace("&amp;", "&")).content.decode()


# --- Undo and redo ----------------------------------------------------------------------------


def test_last_step_is_undone_and_done_again(desk, event, saal):
    waiting = session(event, pitch__title="Fax")
    before = desk.get(url(event)).content.decode()
    assert ("undo/" in before, "redo/" in before) == (False, False)
    desk.post(url(event, "move"), {"session": f"{waiting.code}/", "to": to(saal, hour(1))})
    undone = desk.post(url(event, "undo"), follow=True)
    assert "Undone. “Fax” waits beside the board." in text(undone)
    assert not Placement.objects.exists()
    page = undone.content.decode()
    assert ("undo/" in page, "redo/" in page) == (False, True)
    again = desk.post(url(event, "redo"), headers=HTMX)
    assert "Done again. “Fax” is now at Mon 10:00, Saal." in text(again)
    assert Placement.objects.get().proposal == waiting


def test_undo_is_refused_with_what_happened_since(desk, event, saal, galerie, bernd):
    waiting = session(event, pitch__title="Fax")
    desk.post(url(event, "move"), {"session": f"{waiting.code}/", "to": to(saal, hour(1))})
    place = Placement.objects.get()
    moves.move(waiting, room=galerie, starts_at=hour(2), expected=place.token, by=bernd, now=NOW)
    refused = desk.post(url(event, "undo"))
    assert refused.status_code == 422
    assert "Bernd Ott put “Fax” at Mon 11:00, Galerie" in text(refused)
    nothing = desk.post(url(event, "redo"))
    assert "There is nothing left to undo or to do again." in text(nothing)


# --- Refreshing by itself ---------------------------------------------------------------------


def test_poll_is_answered_304_for_two_queries_beside_the_log_in(
    desk, event, saal, draft, django_assert_num_queries
):
    PlacementFactory(schedule=draft, room=saal)
    headers = known(desk.get(url(event)))
    with django_assert_num_queries(3 + 2):
        response = poll(desk, event, headers)
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == headers["If-None-Match"]
    assert desk.get(url(event), headers=headers).status_code == 200  # no poll: a page


@pytest.mark.django_db(transaction=True)
def test_poll_brings_the_board_when_something_has_changed(desk, event, saal, bernd):
    proposal = session(event)

    def rename():
        proposal.pitch.title = "Anders"
        proposal.pitch.save()

    changes = (
        lambda: InterestFactory(proposal=proposal),
        lambda: RoomFactory(event=event),
        lambda: Unavailability.objects.create(event=event, person=bernd, during=during(hour(0))),
        rename,
        lambda: moves.place(proposal, room=saal, starts_at=hour(0), by=bernd, now=NOW),
    )
    page = desk.get(url(event))
    for change in changes:
        CommentFactory(pitch=proposal.pitch)  # raises the event's version, and is not on the board
        assert poll(desk, event, known(page)).status_code == 304
        change()
        page = poll(desk, event, known(page))
        assert page.status_code == 200


def test_poll_of_an_ended_log_in_sends_the_whole_page_to_the_log_in_and_back(client, event):
    page = f"{url(event)}?sort=title"
    for known_as, answer in (
        (
            f"http://testserver{page}",
            f"{reverse('account_login')}?{urlencode({'next': page}, safe='/')}",
        ),
        ("http://elsewhere.example/", None),
        ("http://[", None),
    ):
        response = poll(client, event, HTMX | {"HX-Current-URL": known_as})
        assert response.headers.get("HX-Redirect") == answer
        assert response.status_code == (200 if answer else 302)


def test_button_of_an_ended_log_in_leads_to_the_log_in_and_back_to_its_page(client, event):
    page = f"{url(event)}?sort=title"
    pressed = reverse("admin:program_event_board_move", args=[event.pk])
    for referer, back in (
        (f"http://testserver{page}#to-1", page),
        ("http://elsewhere.example/", pressed),
        ("http://testserver//elsewhere.example/", "/%2Felsewhere.example/"),
    ):
        response = client.post(pressed, headers={"Referer": referer})
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?{urlencode({'next': back}, safe='/')}"


def test_news_tell_who_moved_what_since_and_not_what_oneself_did(
    desk, aylin, event, saal, galerie, bernd
):
    fax, brot, own = (session(event, pitch__title=title) for title in ("Fax", "Brot", "Own"))
    first = known(desk.get(url(event)))
    moves.place(own, room=saal, starts_at=hour(0), by=aylin, now=NOW)
    place = moves.place(fax, room=saal, starts_at=hour(1), by=bernd, now=NOW)
    moves.move(fax, room=galerie, starts_at=hour(2), expected=place.token, by=bernd, now=NOW)
    polled = poll(desk, event, first)
    assert text(polled).count("Bernd Ott:") == 2  # seen and spoken
    assert "Bernd Ott: “Fax” now Mon 11:00, Galerie" in text(polled)
    moves.place(brot, room=saal, starts_at=hour(2), by=bernd, now=NOW + dt.timedelta(minutes=1))
    later = text(poll(desk, event, known(polled)))
    assert later.count("“Brot” now Mon 11:00, Saal") == 2
    assert later.count("“Fax” now") == 1  # still to be seen, but not spoken again
    place = Placement.objects.get(proposal=own)
    moved = desk.post(url(event, "unplace"), {"session": seen(place)}, headers=known(polled))
    assert "“Brot” now Mon 11:00, Saal" in text(moved)
    assert "“Fax” now" not in text(moved)


@pytest.mark.parametrize("header", ["", "x", "1-x", "9" * 30 + "-1", "\x00"])
def test_page_that_knows_nonsense_gets_a_board_without_news(desk, event, saal, bernd, header):
    moves.place(session(event), room=saal, starts_at=hour(0), by=bernd, now=NOW)
    response = poll(desk, event, HTMX | {"Board-Moves": header})
    assert response.status_code == 200
    assert "Bernd Ott:" not in text(response)
