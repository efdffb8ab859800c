"""The board in the desk: buttons that work without JavaScript, for the organisers of the event."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from sessions.models import Membership, Placement
from sessions.scheduling import moves
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db
VERBS = ("move", "swap", "unplace", "pin", "unpin")


def url(event, verb=""):
    return reverse(f"admin:program_event_board{'_' if verb else ''}{verb}", args=[event.pk])


def to(room, start):
    return f"{room.pk}@{start:%Y-%m-%dT%H:%M}"


def seen(place):
    return f"{place.proposal.code}/{place.token}"


def session(event, **fields):
    return ProposalFactory(accepted=True, pitch__event=event, **fields)


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- The page -------------------------------------------------------------------------------


def test_board_shows_rooms_slots_and_waiting_sessions(desk, event, saal, draft):
    PlacementFactory(schedule=draft, room=saal, proposal__pitch__title="Hoch lebe das Fax")
    waiting = session(event, pitch__title="Brot von gestern", minutes=90)
    InterestFactory(proposal=waiting)
    page = text(desk.get(url(event)))
    assert "1 of 2 sessions placed" in page
    assert "Monday, Nov. 9, 2026" in page
    assert "Saal 40 places" in page
    assert "09:00 –09:45" in page  # the event's zone
    assert "Hoch lebe das Fax" in page
    assert "1 session waits" in page
    assert "Brot von gestern" in page
    assert "Everything fits" in page


def test_board_offers_every_free_cell_when_a_session_is_held(desk, event, saal, galerie, draft):
    other = PlacementFactory(schedule=draft, room=saal, during=during(hour(0)))
    waiting = session(event, pitch__title="Brot")
    response = desk.get(url(event), {"held": waiting.code})
    page = text(response)
    assert "You hold “Brot” , 45 minutes." in page
    assert page.count("Here: ") == 5
    assert "Here: 11:00, Galerie" in page
    assert f'value="{to(galerie, hour(2))}"' in response.content.decode()
    assert f'name="other" value="{seen(other)}"' in response.content.decode()


def test_board_says_what_does_not_fit(desk, event, saal, galerie, draft):
    one = PlacementFactory(schedule=draft, room=saal, proposal__pitch__title="Fax")
    two = PlacementFactory(schedule=draft, room=galerie, proposal__pitch__title="Brot")
    HostFactory(pitch=two.proposal.pitch, person=one.proposal.pitch.owner)
    reader = UserFactory()
    InterestFactory(proposal=one.proposal, user=reader)
    InterestFactory(proposal=two.proposal, user=reader)
    response = desk.get(url(event))
    page = text(response)
    assert "2 of 2 sessions placed, 1 thing impossible , 1 a pity" in page
    host = one.proposal.pitch.owner.profile.name
    assert f"{host} leads two sessions at once: Fax (Mon 10:00, Saal) · Brot" in page
    assert "1 person wants both: Fax" in page
    assert f'href="#session-{one.proposal.code}"' in response.content.decode()
    assert "Until then nothing can be published." in page
    assert "See what changes and publish" not in page


def test_board_without_rooms_and_slots_leads_to_them(desk, aylin):
    empty = EventFactory()
    MembershipFactory(event=empty, user=aylin)
    response = desk.get(url(empty))
    assert "There are no rooms and slots yet" in text(response)
    assert reverse("admin:program_event_change", args=[empty.pk]) in response.content.decode()


def test_board_answers_htmx_with_the_fragment_alone(desk, event, saal):
    body = desk.get(url(event), headers={"HX-Request": "true"}).content.decode()
    assert body.strip().startswith('<div class="board" id="board"')
    assert "<html" not in body


def test_board_keeps_its_own_address_when_a_button_was_pressed(desk, event, saal):
    waiting = session(event)
    data = {"session": f"{waiting.code}/", "to": to(saal, hour(1))}
    response = desk.post(url(event, "move"), data, headers={"HX-Request": "true"})
    assert response.headers["HX-Replace-Url"] == url(event)


@pytest.mark.parametrize("held", ["nobody", "\x00", "a" * 70_000, "<b>", "1/2"])
def test_board_holds_nothing_when_the_session_is_unknown(desk, event, saal, held):
    session(event)
    assert "You hold" not in text(desk.get(url(event), {"held": held}))


# --- Moving ---------------------------------------------------------------------------------


def test_held_session_is_placed(desk, aylin, event, saal):
    waiting = session(event, pitch__title="Brot")
    response = desk.post(
        url(event, "move"), {"session": f"{waiting.code}/", "to": to(saal, hour(1))}, follow=True
    )
    assert response.redirect_chain == [(f"{url(event)}#session-{waiting.code}", 302)]
    assert "“Brot” is now at Mon 10:00, Saal." in text(response)
    place = Placement.objects.get()
    assert (place.proposal, place.room, place.during.lower) == (waiting, saal, hour(1))
    assert place.moved_by == aylin


def test_placed_session_is_moved_and_keeps_the_focus(desk, event, saal, galerie, draft):
    place = PlacementFactory(schedule=draft, room=saal)
    response = desk.post(
        url(event, "move"),
        {"session": seen(place), "to": to(galerie, hour(2))},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 200
    assert 'data-hx-swap-oob="innerHTML">“Pitch' in response.content.decode()
    assert f'?held={place.proposal.code}" autofocus' in response.content.decode()
    place.refresh_from_db()
    assert (place.room, place.during.lower, place.revision) == (galerie, hour(2), 2)


def test_two_sessions_are_swapped(desk, event, saal, galerie, draft):
    one = PlacementFactory(schedule=draft, room=saal)
    two = PlacementFactory(schedule=draft, room=galerie)
    desk.post(url(event, "swap"), {"session": seen(one), "other": seen(two)})
    assert [place.room for place in Placement.objects.order_by("pk")] == [galerie, saal]


def test_waiting_session_takes_the_place_of_another(desk, event, saal, draft):
    two, waiting = PlacementFactory(schedule=draft, room=saal), session(event)
    desk.post(url(event, "swap"), {"session": f"{waiting.code}/", "other": seen(two)})
    assert Placement.objects.get().proposal == waiting


def test_session_is_taken_off(desk, event, saal, draft):
    place = PlacementFactory(schedule=draft, room=saal)
    response = desk.post(url(event, "unplace"), {"session": seen(place)}, follow=True)
    assert "waits beside the board." in text(response)
    assert not Placement.objects.exists()


def test_session_is_pinned_and_unpinned(desk, event, saal, draft):
    place = PlacementFactory(schedule=draft, room=saal)
    response = desk.post(url(event, "pin"), {"session": seen(place)}, follow=True)
    assert "Unpin" in text(response)
    place.refresh_from_db()
    assert place.pinned
    desk.post(url(event, "unpin"), {"session": seen(place)})
    place.refresh_from_db()
    assert not place.pinned


def test_stale_move_is_refused_and_says_what_happened(desk, event, saal, galerie, draft):
    place = PlacementFactory(schedule=draft, room=saal, proposal__pitch__title="Fax")
    before = seen(place)
    joerg = UserFactory(profile__name="Jörg Müßig")
    moves.move(
        place.proposal, room=galerie, starts_at=hour(2), expected=place.token, by=joerg, now=NOW
    )
    response = desk.post(url(event, "move"), {"session": before, "to": to(saal, hour(0))})
    assert response.status_code == 422
    assert (
        "Nothing was changed, because the board had changed before: "
        "Jörg Müßig put “Fax” at Mon 11:00, Galerie (done at Thu 14:00)."
    ) in text(response)
    place.refresh_from_db()
    assert place.room == galerie
    assert f'value="{seen(place)}"' in response.content.decode()  # held on, as it is now


def test_taken_place_is_refused_and_the_session_stays_in_the_hand(desk, event, saal, draft):
    PlacementFactory(schedule=draft, room=saal, during=during(hour(1)))
    waiting = session(event, pitch__title="Brot")
    response = desk.post(
        url(event, "move"), {"session": f"{waiting.code}/", "to": to(saal, hour(1))}
    )
    assert response.status_code == 422
    page = text(response)
    assert "This place is taken. Pick another or swap." in page
    assert "You hold “Brot”" in page


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"session": "\x00", "to": "\x00"},
        {"session": "zzzzzz/", "to": "1@2026-11-09T08:00"},
        {"session": "{code}/", "to": "999999999@2026-11-09T08:00"},
        {"session": "{code}/", "to": "{room}@2026-13-45T99:00"},
        {"session": "{code}/", "to": "{room}@0001-01-01T00:00"},
        {"session": "{code}/9999999999999999999.1", "to": "{room}@2026-11-09T08:00"},
        {"session": "{code}/" + "[" * 64_000, "to": "{room}@2026-11-09T08:00"},
        {"session": "\ud800", "to": "{room}@2026-11-09T08:00"},
    ],
)
def test_move_refuses_what_no_button_sends(desk, event, saal, data):
    names = {"code": session(event).code, "room": saal.pk}
    sent = urlencode(
        {key: value.format(**names) for key, value in data.items()}, errors="surrogatepass"
    )
    form = "application/x-www-form-urlencoded"
    assert desk.post(url(event, "move"), sent, content_type=form).status_code == 422
    assert not Placement.objects.exists()


def test_room_and_session_of_another_event_are_refused(desk, event, saal):
    theirs = EventFactory()
    foreign = session(theirs)
    sent = {"session": f"{foreign.code}/", "to": to(saal, hour(1))}
    assert desk.post(url(event, "move"), sent).status_code == 422
    sent = {"session": f"{session(event).code}/", "to": to(RoomFactory(event=theirs), hour(1))}
    assert desk.post(url(event, "move"), sent).status_code == 422
    assert not Placement.objects.exists()


# --- The door -------------------------------------------------------------------------------


def knock(client, event):
    yield client.get(url(event))
    for verb in VERBS:
        yield client.post(url(event, verb))


def test_board_needs_log_in(client, event):
    for response in knock(client, event):
        assert response.status_code == 302
        assert reverse("account_login") in response.headers["Location"] or (
            reverse("admin:login") in response.headers["Location"]
        )


def test_organisers_of_other_events_find_nothing(client, event):
    client.force_login(MembershipFactory().user)
    assert {response.status_code for response in knock(client, event)} == {404}


def test_moderators_and_strangers_are_kept_out(client, event):
    moderator = MembershipFactory(event=event, role=Membership.Role.MODERATOR).user
    for user in (moderator, UserFactory(), UserFactory(staff=True)):
        client.force_login(user)
        assert {response.status_code for response in knock(client, event)} <= {403, 404}


def test_verbs_refuse_get(desk, event):
    assert {desk.get(url(event, verb)).status_code for verb in VERBS} == {405}


def test_board_refuses_post(desk, event):
    assert desk.post(url(event)).status_code == 405


def test_unknown_event_is_not_found(desk):
    assert desk.get("/admin/program/event/999999999999999999999/board/").status_code == 404
