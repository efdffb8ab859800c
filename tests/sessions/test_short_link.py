"""Short links of print and QR codes: to a pitch or to one of its sessions."""

import pytest

from tests.factories import EventFactory, MembershipFactory, PitchFactory, ProposalFactory

pytestmark = pytest.mark.django_db


def test_code_of_a_pitch_leads_to_its_page(client):
    pitch = PitchFactory(code="aaaaaa", event__slug="neo", title="Große Töne")
    response = client.get("/s/aaaaaa/")
    assert (response.status_code, response.url) == (302, "/neo/pitches/aaaaaa-grosse-toene/")
    assert response.url == pitch.get_absolute_url()


def test_code_of_a_session_leads_to_its_place_on_the_page(client):
    proposal = ProposalFactory(code="bbbbbb")
    response = client.get("/s/bbbbbb/")
    assert response.url == f"{proposal.pitch.get_absolute_url()}#session-bbbbbb"


@pytest.mark.parametrize("trait", ["draft", "hidden", "withdrawn"])
def test_code_of_what_is_not_public_leads_only_its_host_anywhere(client, trait):
    pitch = PitchFactory(code="aaaaaa", **{trait: True})
    ProposalFactory(code="bbbbbb", pitch=pitch)
    assert client.get("/s/aaaaaa/").status_code == 404
    assert client.get("/s/bbbbbb/").status_code == 404
    client.force_login(pitch.owner)
    assert client.get("/s/aaaaaa/").status_code == 302
    assert client.get("/s/bbbbbb/").status_code == 302


def test_code_of_a_draft_event_leads_only_its_organisers_anywhere(client):
    event = EventFactory(draft=True)
    PitchFactory(code="aaaaaa", event=event)
    assert client.get("/s/aaaaaa/").status_code == 404
    client.force_login(MembershipFactory(event=event).user)
    assert client.get("/s/aaaaaa/").status_code == 302


@pytest.mark.parametrize("code", ["zzzzzz", "AAAAAA", "aaaaa", "aaa%00aa", "%ed%b3%bf", "1l0oil"])
def test_unknown_codes_are_not_there(client, code):
    assert client.get(f"/s/{code}/").status_code == 404


def test_short_links_are_only_read(client):
    PitchFactory(code="aaaaaa")
    assert client.post("/s/aaaaaa/").status_code == 405
