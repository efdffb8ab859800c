"""The page of a pitch: one address from idea to archive."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from sessions import pitch_detail
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    UserFactory,
)
from tests.factories.program import during, hour

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
URL = "/neo/pitches/aaaaaa-bread/"


@pytest.fixture
def event():
    day = TODAY + dt.timedelta(days=30)
    return EventFactory(slug="neo", starts_on=day, ends_on=day)


@pytest.fixture
def pitch(event):
    return PitchFactory(event=event, code="aaaaaa", title="Bread", body="Of **rye**.")


def read(client, language: str = "en") -> str:
    response = client.get(URL, headers={"accept-language": language})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("count", [1, 3, 200])
def test_page_asks_nine_times_with_any_number_of_comments(
    client, event, pitch, count, django_assert_num_queries
):
    author = UserFactory()
    pitch.tags.add("food", "work")
    for _number in range(min(count, 3)):
        InterestFactory(proposal=ProposalFactory(pitch=pitch))
        HostFactory(pitch=pitch)
        ProposalFactory(pitch__event=event).pitch.tags.add("food")
    for _number in range(count):
        CommentFactory(pitch=pitch, author=author)
    with django_assert_num_queries(9):
        client.get(URL)


def test_short_and_outdated_addresses_lead_to_the_right_one(client, pitch):
    for address in ["/neo/pitches/aaaaaa/", "/neo/pitches/aaaaaa-toast/"]:
        response = client.get(address)
        assert (response.status_code, response.url) == (301, URL)
        assert response["Cache-Control"] == "no-cache"
    assert client.get("/neo/pitches/aaaaaa/?reply_to=1").url == f"{URL}?reply_to=1"


def test_code_of_another_event_is_not_there(client, pitch):
    EventFactory(slug="other")
    assert client.get("/other/pitches/aaaaaa-bread/").status_code == 404


@pytest.mark.parametrize("code", ["zzzzzz", "AAAAAA", "aaa%00aa", "%ed%b3%bf", "[" * 2000])
def test_unknown_codes_are_not_there(client, event, code):
    assert client.get(f"/neo/pitches/{code}-bread/").status_code == 404


def test_page_sets_no_cookie_and_is_only_read(client, pitch):
    assert dict(client.get(URL).cookies) == {}
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("state", ["draft", "hidden"])
def test_what_is_not_public_is_shown_to_hosts_and_organisers_only(client, event, pitch, state):
    pitch.state = state
    pitch.save()
    assert client.get("/neo/pitches/aaaaaa/").status_code == 404
    client.force_login(UserFactory())
    assert client.get(URL).status_code == 404
    client.force_login(MembershipFactory(event=event).user)
    assert client.get(URL).status_code == 200
    client.force_login(pitch.owner)
    assert 'class="alert alert--warn"' in read(client)


@pytest.mark.parametrize("address", [URL, "/neo/pitches/aaaaaa/", "/neo/pitches/aaaaaa-x/"])
def test_withdrawn_pitch_is_gone_for_others_and_its_title_with_it(client, pitch, address):
    pitch.state = "withdrawn"
    pitch.save()
    response = client.get(address)
    html = response.content.decode()
    assert response.status_code == 410
    assert "This pitch was withdrawn" in html
    assert "Bread" not in html
    german = client.get(address, headers={"accept-language": "de"}).content.decode()
    assert "Dieser Pitch wurde zurückgezogen" in german


def test_withdrawn_pitch_stays_for_its_host_who_can_hang_it_up_again(client, pitch):
    pitch.state = "withdrawn"
    pitch.save()
    client.force_login(pitch.owner)
    html = read(client)
    assert "Hang it up again" in html
    assert 'action="/neo/pitches/aaaaaa/reopen/"' in html


def test_every_session_shows_form_ripeness_minutes_and_needs(client, pitch):
    ProposalFactory(pitch=pitch, format="workshop", minutes=90, needs="An oven")
    ProposalFactory(
        pitch=pitch, title="Butter", code="bbbbbb", format="blitz", ripeness="half_baked",
        abstract="With *salt*.",
    )  # fmt: skip
    html = read(client, "de")
    assert "<p>Of <strong>rye</strong>.</p>" in html
    assert 'class="card card--workshop proposal"' in html
    assert "90 Minuten" in html
    assert "Braucht: An oven" in html
    assert 'class="card card--blitz proposal" id="session-bbbbbb"' in html
    assert "<h2>Butter</h2>" in html
    assert "Halb gar" in html
    assert "<em>salt</em>" in html
    assert 'href="#session-bbbbbb"' in html


def test_text_of_a_pitch_cannot_act(client, pitch):
    pitch.body = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=y>"
    pitch.save()
    ProposalFactory(pitch=pitch, needs="<b>oven</b>", title='"><script>x</script>')
    html = read(client)
    assert "<script>" not in html.replace("<script src", "").replace("<script defer", "")
    assert 'href="javascript' not in html
    assert "&lt;b&gt;oven" in html


def placed(pitch, *, version: int | None = 1, **fields):
    proposal = ProposalFactory(pitch=pitch, code="bbbbbb", **{"state": "accepted", **fields})
    PlacementFactory(
        schedule=ScheduleFactory(event=pitch.event, version=version),
        proposal=proposal,
        room=RoomFactory(event=pitch.event, name="Saal"),
        during=during(hour(1)),
    )
    return proposal


def test_state_line_names_day_time_and_room_of_the_published_programme(client, pitch):
    placed(pitch)
    html = read(client, "de")
    assert 'Im Programm: <a href="/neo/program/2026-11-09/">Mo 10:00, Saal</a>' in html
    assert 'href="/neo/sessions/bbbbbb.ics"' in html
    assert "Mon 10:00, Saal" in read(client)


def test_state_line_keeps_to_itself_what_only_the_draft_knows(client, pitch):
    placed(pitch, version=None)
    html = read(client)
    assert "In the programme. Time and room will follow." in html
    assert "Saal" not in html


def test_state_line_shows_no_place_of_a_cancelled_session(client, pitch):
    placed(pitch, state="cancelled")
    html = read(client)
    assert "Cancelled" in html
    assert "Saal" not in html
    assert "bbbbbb.ics" not in html


def test_state_line_of_a_merged_session_leads_to_the_other(client, event, pitch):
    other = ProposalFactory(pitch__event=event, pitch__title="Cake")
    ProposalFactory(pitch=pitch, state="merged", merged_into=other)
    url = other.pitch.get_absolute_url()
    assert f'Takes place as part of <a href="{url}">Cake</a>' in read(client)


def test_prepared_decision_is_not_public(client, pitch):
    ProposalFactory(pitch=pitch, prepared_state="declined")
    assert "Declined" not in read(client)


def test_button_shows_the_count_and_hosts_see_the_count_alone(client, pitch):
    proposal = ProposalFactory(pitch=pitch, code="bbbbbb")
    InterestFactory(proposal=proposal)
    InterestFactory(proposal=proposal, anonymous=True)
    assert "I&#x27;m interested (2)" in read(client) or "I'm interested (2)" in read(client)
    client.force_login(pitch.owner)
    html = read(client)
    assert "2 people are interested" in html
    assert 'class="interest"' not in html


def test_reader_who_clicked_is_in(client, pitch):
    client.force_login(user := UserFactory())
    InterestFactory(proposal=ProposalFactory(pitch=pitch), user=user)
    assert "Du bist dabei (1)" in read(client, "de")


@pytest.mark.parametrize(
    ("policy", "closes_in", "is_shown"),
    [("never", None, False), ("after_closing", 1, False), ("after_closing", -1, True)],
)
def test_count_is_shown_when_the_event_says_so(client, event, pitch, policy, closes_in, is_shown):
    event.interest_counts = policy
    if closes_in:
        event.pitching_closes_at = timezone.now() + dt.timedelta(days=closes_in)
    event.save()
    InterestFactory(proposal=ProposalFactory(pitch=pitch))
    assert ("(1)" in read(client)) is is_shown


def test_button_is_gone_when_the_event_is_over(client, event, pitch):
    event.starts_on = event.ends_on = TODAY - dt.timedelta(days=2)
    event.save()
    InterestFactory(proposal=ProposalFactory(pitch=pitch))
    html = read(client)
    assert 'class="interest"' not in html
    assert "1 person is interested" in html


def test_hosts_stand_in_order_and_the_merely_invited_do_not(client, pitch):
    for name, position, state in [
        ("Zoe", 1, "accepted"),
        ("Ann", 2, "accepted"),
        ("Eve", 3, "invited"),
    ]:
        HostFactory(pitch=pitch, person__profile__name=name, position=position, state=state)
    html = read(client)
    assert html.index(">Zoe<") < html.index(">Ann<")
    assert ">Eve<" not in html


def test_only_hosts_are_offered_to_edit_and_withdraw(client, pitch):
    for who, is_offered in [(UserFactory(), False), (pitch.owner, True)]:
        client.force_login(who)
        html = read(client)
        assert ('href="/neo/pitches/aaaaaa/edit/"' in html) is is_offered
        assert ('href="/neo/pitches/aaaaaa/withdraw/"' in html) is is_offered


def test_page_describes_itself_to_other_sites(client, pitch):
    html = read(client)
    assert f'<link rel="canonical" href="http://testserver{URL}">' in html
    assert '<meta property="og:title" content="Bread">' in html
    assert '<meta property="og:description" content="Of rye.">' in html
    assert "http://testserver/s/aaaaaa/" in html


def test_related_pitches_share_tags_the_most_shared_first(client, event, pitch):
    pitch.tags.add("food", "work", "money")
    for title, tags in [("Three", ["food", "work", "money"]), ("One", ["food"]), ("None", ["art"])]:
        ProposalFactory(pitch__event=event, pitch__title=title).pitch.tags.add(*tags)
    ProposalFactory(pitch__event=event, pitch__draft=True).pitch.tags.add("food")
    ProposalFactory(pitch__title="Elsewhere").pitch.tags.add("food")
    found = pitch_detail.related(pitch, pitch.tags.all())
    assert [(other.title, other.shared) for other in found] == [("Three", 3), ("One", 1)]
    assert ">Three</a>" in read(client)
