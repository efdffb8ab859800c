"""The form that copies an event: for its organisers, who then organise the copy."""

import re

import pytest
from django.urls import reverse

from sessions.models import Event
from tests.factories import RoomFactory

pytestmark = pytest.mark.django_db
DATA = {"name": "Next Year", "slug": "neo27", "starts_on": "2027-06-07"}


def url(event):
    return reverse("copy_event", args=[event.pk])


def text(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_copying_leads_to_the_copy(desk, organiser, event):
    RoomFactory(event=event, name="Saal")
    assert (
        url(event)
        in desk.get(reverse("admin:program_event_change", args=[event.pk])).content.decode()
    )
    response = desk.post(url(event), DATA, follow=True)
    copy = Event.objects.get(slug="neo27")
    assert response.redirect_chain == [(reverse("admin:program_event_change", args=[copy.pk]), 302)]
    assert "“Next Year” is a draft now." in text(response)
    assert copy.memberships.get().user == organiser
    assert copy.rooms.get().name == "Saal"


def test_copying_shows_the_form_with_the_old_name(desk, event):
    response = desk.get(url(event))
    assert response.status_code == 200
    assert f'value="{event.name}"' in response.content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"slug": "a b"}, "valid “slug”"),
        ({"slug": "admin"}, "is used by the site itself"),
        ({"starts_on": "someday"}, "Enter a valid date."),
        ({"starts_on": "9999-12-31"}, "Pick a day in this century."),
        ({"starts_on": "0001-01-01"}, "Pick a day in this century."),
    ],
)
def test_copying_shows_errors_again_with_what_was_typed(desk, event, changed, said):
    response = desk.post(url(event), {**DATA, **changed})
    assert response.status_code == 422
    assert said in text(response)
    body = response.content.decode()
    assert all(f'value="{value}"' in body for value in {**DATA, **changed}.values() if value)
    assert Event.objects.count() == 1


def test_copying_speaks_german(desk, event):
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    said = text(desk.post(url(event), {**DATA, "slug": "admin"}))
    assert "Die Kopie hat dieselben Räume, Zeitfenster, Mailvorlagen und Regeln" in said
    assert "„admin“ braucht die Website selbst." in said
    assert "Bitte prüfe 1 Angabe" in said


def test_copying_refuses_an_address_that_is_taken(desk, event):
    response = desk.post(url(event), {**DATA, "slug": event.slug})
    assert response.status_code == 422
    assert "already exists" in text(response)


def test_copying_needs_a_log_in(client, event):
    assert client.post(url(event), DATA).status_code == 302
    assert Event.objects.count() == 1


@pytest.mark.parametrize("verb", ["get", "post"])
def test_another_event_does_not_exist(client, stranger, event, verb):
    client.force_login(stranger)
    assert getattr(client, verb)(url(event), DATA).status_code == 404


@pytest.mark.parametrize("verb", ["get", "post"])
def test_copying_is_not_for_moderators(client, moderator, event, verb):
    client.force_login(moderator)
    assert getattr(client, verb)(url(event), DATA).status_code == 403


def test_copying_is_not_deleting(desk, event):
    assert desk.delete(url(event)).status_code == 405
