import datetime as dt

import pytest
from django.urls import reverse

from sessions.admin.events import SlotFormSet
from sessions.models import Event, Membership, Room, Slot, Unavailability
from speakers.models import User
from tests.factories import EventFactory, PitchFactory, RoomFactory, SlotFactory, UserFactory
from tests.factories.program import during, hour

NOTHING = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}


def posted(event, *, rooms=(), slots=(), absences=(), team=None, **changes):
    """What a browser sends for an event whose inlines hold these rows."""
    data = {
        name: getattr(event, name)
        for name in (
            "name", "slug", "hashtag", "place", "state", "starts_on", "ends_on", "time_zone",
            "language", "comment_policy", "interest_counts", "about",
        )
    }  # fmt: skip
    team = list(event.memberships.order_by("pk")) if team is None else team
    inlines = {
        "rooms": [
            {"id": r.pk, "name": r.name, "capacity": r.capacity, "position": 0,
             "features": ",".join(r.features)}
            for r in rooms
        ],
        "slots": [
            {"id": s.pk, "starts_at": local(s.starts_at), "ends_at": local(s.ends_at),
             "kind": s.kind, "title": s.title}
            for s in slots
        ],
        "unavailabilities": [
            {"id": a.pk or "", "person": a.person_id, "starts_at": local(a.during.lower),
             "ends_at": local(a.during.upper)}
            for a in absences
        ],
        "memberships": [{"id": m.pk, "role": m.role} for m in team],
    }  # fmt: skip
    for prefix, rows in inlines.items():
        stored = sum(bool(row["id"]) for row in rows)
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": stored}
        for number, row in enumerate(rows):
            row["event"] = event.pk
            for name, value in row.items():
                data[f"{prefix}-{number}-{name}"] = "" if value is None else value
    return data | changes


def local(moment):
    return moment.astimezone(Event(time_zone="Europe/Berlin").zone).strftime("%Y-%m-%dT%H:%M")


def save(desk, event, **options):
    url = reverse("admin:program_event_change", args=[event.pk])
    return desk.post(url, posted(event, **options))


def test_rooms_are_pasted_behind_those_that_exist(desk, event):
    hall = RoomFactory(event=event, name="Saal", capacity=120, position=0)

    response = save(desk, event, rooms=[hall], pasted_rooms="Saal, 80\nGalerie, 40\nHof")

    assert response.status_code == 302
    rooms = event.rooms.order_by("position").values_list("name", "capacity", "slug")
    assert list(rooms) == [
        ("Saal", 120, hall.slug),
        ("Galerie", 40, "galerie"),
        ("Hof", None, "hof"),
    ]


def test_rooms_that_read_alike_get_addresses_of_their_own(desk, event):
    save(desk, event, pasted_rooms="Saal 1\nSaal-1\n???")

    assert set(Room.objects.values_list("slug", flat=True)) == {"saal-1", "saal-1-2", "room"}


def test_slots_are_pasted_in_the_event_s_zone_and_never_doubled(desk, event):
    nine = SlotFactory(event=event, number=0)

    save(
        desk,
        event,
        slots=[nine],
        pasted_slots="9.11. 9:00–9:45\n9.11. 10:00–10:45\n9.11. 12:00–13:00 Mittagspause",
    )

    slots = event.slots.chronological().values_list("starts_at__hour", "kind", "title")
    assert list(slots) == [
        (9, "sessions", ""),
        (10, "sessions", ""),
        (12, "break", "Mittagspause"),
    ]


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        (
            "pasted_rooms",
            "Saal, 120\nGalerie, viele",
            "Line 2: “viele” is not a number of places. Write: Hall, 120",
        ),
        (
            "pasted_slots",
            "9.11. 10:00–10:45\nneulich",
            "Line 2: This is no slot. Write: 9.11. 10:00–10:45",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_typed_is_lost(
    desk, event, field, typed, error
):
    response = save(desk, event, **{field: typed})

    assert response.context["adminform"].form.errors == {field: [error]}
    assert typed in response.text.replace("&#x27;", "'")
    assert not Room.objects.exists()
    assert not Slot.objects.exists()


def test_a_pasted_slot_does_not_overlap_one_that_exists(desk, event):
    nine = SlotFactory(event=event, number=0)

    response = save(desk, event, slots=[nine], pasted_slots="9.11. 9:30–10:15")

    assert "Line 1 overlaps the slot 09.11. 09:00–09:45." in response.text
    assert event.slots.count() == 1


def test_two_slots_edited_into_each_other_are_refused(desk, event):
    nine, ten = SlotFactory(event=event, number=0), SlotFactory(event=event, number=1)
    ten.starts_at = nine.starts_at + dt.timedelta(minutes=15)

    response = save(desk, event, slots=[nine, ten])

    assert "There is a slot at this time already." in response.text


def test_what_only_the_database_sees_is_told_and_nothing_typed_is_lost(desk, event, monkeypatch):
    """Another organiser saved between the check and the save: here without the check."""
    monkeypatch.delattr(SlotFormSet, "clean")
    nine = SlotFactory(event=event, number=0)

    response = save(desk, event, slots=[nine], pasted_slots="9.11. 9:30–10:15")

    assert "This clashes with a change made a moment ago. Nothing was saved." in response.text
    assert "9.11. 9:30–10:15" in response.text
    assert event.slots.get() == nine


@pytest.mark.parametrize("hostile", ["\x00", "[" * 30_000, "9.11. 10:00–10:45\x00\u202e", "²:³"])
def test_no_text_makes_the_form_stumble(desk, event, hostile):
    response = save(
        desk, event, name=hostile, about=hostile, time_zone=hostile,
        starts_on=hostile, pasted_rooms=hostile, pasted_slots=hostile,
    )  # fmt: skip

    assert response.status_code == 200


def test_a_member_is_named_by_address_and_may_then_open_the_desk(desk, event):
    helper = UserFactory(email="hanna@example.org")
    new = {"memberships-1-email": "Hanna@example.org", "memberships-1-role": "moderator"}

    save(desk, event, **new, **{"memberships-TOTAL_FORMS": 2, "memberships-1-event": event.pk})

    membership = Membership.objects.get(user=helper)
    assert (membership.event, membership.role) == (event, "moderator")
    assert User.objects.get(pk=helper.pk).is_staff


def test_an_address_without_an_account_is_said_beside_the_field(desk, event):
    new = {"memberships-1-email": "nobody@example.org", "memberships-1-role": "moderator"}

    response = save(desk, event, **new, **{"memberships-TOTAL_FORMS": 2})

    assert "There is no account with this address." in response.text
    assert "nobody@example.org" in response.text


def test_an_address_that_is_in_the_team_already_is_refused(desk, event, organiser):
    new = {"memberships-1-email": organiser.email, "memberships-1-role": "moderator"}

    response = save(desk, event, **new, **{"memberships-TOTAL_FORMS": 2})

    assert response.status_code == 200
    assert event.memberships.count() == 1


def test_an_address_that_is_entered_twice_is_refused(desk, event):
    twice = UserFactory().email
    new = {"memberships-1-email": twice, "memberships-1-role": "moderator"}
    new |= {"memberships-2-email": twice, "memberships-2-role": "moderator"}

    response = save(desk, event, **new, **{"memberships-TOTAL_FORMS": 3})

    assert response.status_code == 200
    assert event.memberships.count() == 1


def test_somebody_stays_organiser(desk, event):
    response = save(desk, event, **{"memberships-0-role": "moderator"})

    assert "Somebody must stay as organiser." in response.text
    assert event.memberships.get().role == "organiser"


def test_the_address_of_a_public_event_stays(desk, event):
    save(desk, event, slug="elsewhere")

    event.refresh_from_db()
    assert event.slug != "elsewhere"


def test_the_rows_of_another_event_cannot_be_pulled_over(desk, event):
    theirs = RoomFactory(event=EventFactory(), name="Theirs")

    save(desk, event, rooms=[theirs])

    assert not event.rooms.exists()


def test_a_superuser_makes_an_event(client, superuser):
    client.force_login(superuser)
    event = EventFactory.build(slug="brand-new")
    data = posted(event, team=[])
    data = {key: value for key, value in data.items() if not key.startswith(("rooms", "slots"))}

    response = client.post(reverse("admin:program_event_add"), data)

    assert response.status_code == 302, response.context["errors"]
    assert Event.objects.get().slug == "brand-new"


def test_what_a_room_has_is_written_with_commas(desk, event):
    hall = RoomFactory(event=event)
    hall.features = ["Beamer", "stufenlos"]

    assert save(desk, event, rooms=[hall]).status_code == 302
    assert Room.objects.get().features == ["Beamer", "stufenlos"]


def test_hosts_who_cannot_come_are_noted_in_the_time_of_the_event(desk, event):
    host = PitchFactory(event=event).owner
    away = Unavailability(person=host, during=during(hour(0), 180))

    assert save(desk, event, absences=[away]).status_code == 302
    noted = Unavailability.objects.get()
    assert (noted.event, noted.person, noted.during) == (event, host, during(hour(0), 180))
    page = desk.get(reverse("admin:program_event_change", args=[event.pk])).text
    assert 'value="2026-11-09T09:00"' in page

    noted.during = during(hour(1), 60)
    assert save(desk, event, absences=[noted]).status_code == 302
    assert Unavailability.objects.get().during == during(hour(1), 60)


def test_somebody_who_leads_nothing_here_and_an_end_before_the_start_are_refused(desk, event):
    stranger = PitchFactory().owner
    away = Unavailability(person=stranger, during=during(hour(0), 180))
    assert save(desk, event, absences=[away]).status_code == 200

    away.person = PitchFactory(event=event).owner
    turned = {
        "unavailabilities-0-starts_at": "2026-11-09T12:00",
        "unavailabilities-0-ends_at": "2026-11-09T11:00",
    }
    response = save(desk, event, absences=[away], **turned)
    assert "The end is before the start." in response.text
    assert not Unavailability.objects.exists()
