"""The wall: what hangs there, found by filters and words, in an order that can be explained."""

import datetime as dt
import re

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from sessions import search, walls
from sessions.models import Event, Host, Pitch, Proposal
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    InterestFactory,
    PitchFactory,
    ProposalFactory,
    RoomFactory,
    SlotFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 10, 20, 12, 0, tzinfo=dt.UTC)
TODAY = timezone.now().date()
HOSTILE = [
    "\x00",
    "\udcff",
    "\x1b[31m",
    "'; DROP TABLE program_pitch; --",
    "(((",
    '"',
    "-",
    "a:*&!|",
    "[" * 65_536,
]


def coming(**fields) -> Event:
    dates = {"starts_on": TODAY + dt.timedelta(days=30), "ends_on": TODAY + dt.timedelta(days=31)}
    return EventFactory(**{**dates, "slug": "neo", **fields})


def hang(event: Event, title: str, **fields) -> Pitch:
    return ProposalFactory(pitch__event=event, pitch__title=title, **fields).pitch


def titles(event: Event, query: str = "", *, now: dt.datetime = NOW) -> list[str]:
    want = walls.asked(QueryDict(query))
    return [pitch.title for pitch in walls.select(event, want, now=now)]


def shown(response) -> list[str]:
    return [card.pitch.title for card in response.context["cards"]]


@pytest.mark.parametrize("count", [1, 3, 300])
def test_wall_asks_eight_times_however_many_pitches_hang_there(
    client, count, django_assert_num_queries
):
    event = coming()
    users = [UserFactory() for _number in range(3)]
    pitches = Pitch.objects.bulk_create(
        Pitch(event=event, owner=users[n % 3], title=f"Pitch {n}", slug="pitch", state="public",
              published_at=NOW) for n in range(count)
    )  # fmt: skip
    Host.objects.bulk_create(Host(pitch=pitch, person=pitch.owner) for pitch in pitches)
    sessions = Proposal.objects.bulk_create(
        Proposal(pitch=pitch, position=position) for pitch in pitches for position in range(2)
    )
    pitches[0].tags.add("money", "work")
    InterestFactory(proposal=sessions[0], user=users[1])
    CommentFactory(pitch=pitches[0], author=users[2])
    with django_assert_num_queries(8):
        client.get("/neo/pitches/")


@pytest.mark.parametrize("count", [1, 3])
def test_tag_and_person_pages_ask_as_often_for_one_pitch_as_for_three(
    client, count, django_assert_num_queries
):
    event, host = coming(), UserFactory()
    for number in range(count):
        hang(event, f"Pitch {number}", pitch__owner=host).tags.add("money")
    with django_assert_num_queries(7):
        client.get("/neo/tags/money/")
    with django_assert_num_queries(6):
        client.get(f"/neo/people/{host.profile.slug}/")


def test_wall_shows_nobody_what_is_not_public(client):
    event = coming()
    hang(event, "Public")
    hang(event, "Draft", pitch__draft=True)
    hang(event, "Hidden", pitch__hidden=True)
    hang(event, "Withdrawn", pitch__withdrawn=True)
    hang(event, "Its only session is cancelled", state="cancelled")
    hang(EventFactory(), "Of another event")
    assert shown(client.get("/neo/pitches/")) == ["Public"]


def test_wall_of_a_draft_event_is_not_there(client):
    coming(state="draft")
    assert client.get("/neo/pitches/").status_code == 404


def test_wall_sets_no_cookie_and_cannot_be_written_to(client):
    coming()
    response = client.get("/neo/pitches/")
    assert (response.status_code, dict(response.cookies)) == (200, {})
    assert client.post("/neo/pitches/").status_code == 405


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("format=workshop", ["Bread"]),
        ("ripeness=idea", ["Cheese"]),
        ("state=program", ["Bread"]),
        ("state=waitlisted", ["Cheese"]),
        ("state=open", ["Ale"]),
        ("tag=food", ["Bread", "Cheese"]),
        ("tag=food&format=impuls", ["Cheese"]),
        ("tag=no-such-tag", []),
        ("format=opera&ripeness=rotten&state=lost&order=random", ["Ale", "Bread", "Cheese"]),
    ],
)
def test_wall_is_narrowed_by_what_was_asked_for(query, found):
    event = coming()
    hang(event, "Ale")
    hang(event, "Bread", format="workshop", state="confirmed").tags.add("Food")
    hang(event, "Cheese", ripeness="idea", state="waitlisted").tags.add("Food")
    assert sorted(titles(event, query)) == found


def test_filters_speak_of_one_and_the_same_session():
    event = coming()
    pitch = hang(event, "Two sessions", format="workshop", ripeness="ready")
    ProposalFactory(pitch=pitch, format="blitz", ripeness="idea")
    assert titles(event, "format=blitz&ripeness=idea") == ["Two sessions"]
    assert titles(event, "format=blitz&ripeness=ready") == []


def test_card_takes_the_form_of_the_session_that_was_asked_for(client):
    event = coming()
    ProposalFactory(pitch=hang(event, "Two sessions", format="workshop"), format="blitz")
    (first,) = client.get("/neo/pitches/").context["cards"]
    (asked,) = client.get("/neo/pitches/?format=blitz").context["cards"]
    assert (first.lead.format, asked.lead.format, asked.session_count) == ("workshop", "blitz", 2)


def test_card_of_several_sessions_counts_the_interest_in_all(client):
    event = coming()
    pitch = hang(event, "Two sessions")
    for proposal in [pitch.proposals.get(), ProposalFactory(pitch=pitch)]:
        InterestFactory(proposal=proposal)
    (card,) = client.get("/neo/pitches/").context["cards"]
    assert card.mark.count == 2


@pytest.mark.parametrize(
    ("language", "q", "found"),
    [
        ("de", "Märkten", ["Wem gehört der Markt?"]),
        ("de", "genossenschaftliche", ["Bezahlen ohne Bank"]),
        ("de", "kaya", ["Wem gehört der Markt?"]),
        ("de", '"der Markt" OR Bezahlen', ["Bezahlen ohne Bank", "Wem gehört der Markt?"]),
        ("de", "Markt -gehört", []),
        ("de", "Genossen", ["Bezahlen ohne Bank"]),
        ("de", 'bezahlen -"ohne Bank"', []),
        ("en", "paying", ["Pay what you want"]),
    ],
)
def test_search_finds_stems_of_pitches_and_sessions_and_names_of_hosts(language, q, found):
    event = coming(language=language)
    aylin = UserFactory(profile__name="Aylin Kaya")
    hang(event, "Wem gehört der Markt?", pitch__owner=aylin)
    hang(event, "Bezahlen ohne Bank", abstract="Genossenschaftlich, versteht sich.")
    hang(event, "Pay what you want")
    assert sorted(titles(event, f"q={q}")) == found


def test_search_finds_no_session_that_was_withdrawn():
    event = coming()
    pitch = hang(event, "Bread")
    ProposalFactory(pitch=pitch, title="Sourdough", state="withdrawn")
    assert titles(event, "q=sourdough") == []


def test_search_puts_the_best_match_first():
    event = coming()
    hang(event, "Bread", pitch__body="Some words, and somewhere among them rye.")
    hang(event, "Rye")
    hang(event, "Grain", pitch__owner=UserFactory(profile__name="Rosa Rye"))
    assert titles(event, "q=rye") == ["Grain", "Rye", "Bread"]


def test_search_ranks_only_the_newest_candidates(monkeypatch):
    monkeypatch.setattr(search, "CANDIDATES", 3)
    event = coming()
    for hours in range(4):
        hang(event, "Rye", pitch__published_at=NOW - dt.timedelta(hours=hours))
    found = walls.select(event, walls.asked(QueryDict("q=rye")), now=NOW)
    assert list(found) == list(event.pitches.order_by("-published_at")[:3])


@pytest.mark.parametrize("key", ["q", "format", "tag", "ripeness", "state", "order", "page"])
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_is_an_error(client, key, value):
    hang(coming(), "Bread")
    query = {key: value.encode("utf-8", "surrogateescape")}
    assert client.get("/neo/pitches/", query).status_code == 200


def test_order_new_shows_the_newest_first():
    event = coming()
    for days, title in [(2, "Old"), (1, "New"), (3, "Older")]:
        hang(event, title, pitch__published_at=NOW - dt.timedelta(days=days))
    assert titles(event, "order=new") == ["New", "Old", "Older"]


def test_order_wanted_counts_members_and_visitors():
    event = coming()
    hang(event, "Nobody")
    InterestFactory(proposal=hang(event, "One").proposals.get())
    two = hang(event, "Two").proposals.get()
    InterestFactory(proposal=two)
    InterestFactory(proposal=two, anonymous=True)
    assert titles(event, "order=wanted") == ["Two", "One", "Nobody"]


def test_order_unnoticed_shows_first_what_got_least_for_its_age():
    event = coming()
    long_ago, today = NOW - dt.timedelta(days=30), NOW - dt.timedelta(hours=1)
    InterestFactory(proposal=hang(event, "Noticed", pitch__published_at=long_ago).proposals.get())
    hang(event, "New and unnoticed", pitch__published_at=today)
    hang(event, "Old and unnoticed", pitch__published_at=long_ago)
    busy = hang(event, "New and busy", pitch__published_at=today)
    CommentFactory(pitch=busy)
    CommentFactory(pitch=busy)
    assert titles(event, "order=unnoticed") == [
        "Old and unnoticed", "Noticed", "New and unnoticed", "New and busy",
    ]  # fmt: skip


def test_unpublished_comments_are_not_noticed():
    event = coming()
    pitch = hang(event, "Bread")
    CommentFactory(pitch=pitch)
    CommentFactory(pitch=pitch, state="awaiting_moderation")
    (loaded,) = walls.with_cards(walls.hanging(event))
    assert loaded.comment_count == 1


def test_mix_holds_for_an_hour_and_changes_with_the_next():
    event = coming()
    for number in range(12):
        hang(event, str(number))
    early, late = NOW.replace(minute=0), NOW.replace(minute=59, second=59)
    assert titles(event, now=early) == titles(event, now=late)
    assert titles(event, now=early) != titles(event, now=early + dt.timedelta(hours=1))


def test_mix_brings_forward_what_few_have_noticed():
    event = coming()
    begin = NOW - dt.timedelta(days=20)
    noticed = hang(event, "Noticed", pitch__code="aaaaaa", pitch__published_at=begin)
    for _number in range(20):
        CommentFactory(pitch=noticed)
    hang(event, "Unnoticed", pitch__code="bbbbbb", pitch__published_at=begin)
    first = [titles(event, now=NOW + dt.timedelta(hours=hour))[0] for hour in range(60)]
    assert 40 < first.count("Unnoticed") < 60


def test_wall_says_how_it_is_mixed(client):
    hang(coming(), "Bread")
    assert "The mix changes every hour and is the same for everyone." in page(client)


def test_order_wanted_is_not_offered_where_counts_are_hidden(client):
    event = coming(interest_counts="never")
    InterestFactory(proposal=hang(event, "Bread").proposals.get())
    response = client.get("/neo/pitches/?order=wanted")
    assert response.context["want"].order == "mixed"
    assert 'value="wanted"' not in response.content.decode()
    assert response.context["cards"][0].mark.count is None


def test_a_page_holds_twenty_four_cards_and_wrong_numbers_lead_to_one(client):
    event, owner = coming(), UserFactory()
    for number in range(25):
        hang(event, str(number), pitch__owner=owner)
    numbers = {}
    for asked in ["", "2", "99", "-1", "0", "two", "9" * 5000]:
        page = client.get("/neo/pitches/", {"page": asked} if asked else {}).context["page_obj"]
        numbers[asked] = (page.number, len(page))
    whole, rest = (1, 24), (2, 1)
    assert list(numbers.values()) == [whole, rest, rest, rest, rest, whole, whole]


def page(client: Client, query: str = "", language: str = "en") -> str:
    response = client.get(f"/neo/pitches/{query}", headers={"accept-language": language})
    return re.sub(r"\s+", " ", response.content.decode())


def test_headline_tells_pitches_and_places(client):
    event = coming()
    hang(event, "Bread")
    RoomFactory.create_batch(2, event=event)
    for number, kind in enumerate(["sessions", "sessions", "sessions", "break"]):
        SlotFactory(event=event, number=number, kind=kind)
    assert "<h1>1 pitch, 6 places </h1>" in page(client)
    assert "<h1>1 Pitch, 6 Plätze </h1>" in page(client, language="de")


def test_empty_wall_invites(client):
    coming()
    assert "No pitches yet. Start: a title and two sentences will do." in page(client)
    assert "Noch kein Pitch da. Fang an: Ein Titel und zwei Sätze reichen." in page(
        client, language="de"
    )


def test_search_without_result_says_so_and_lets_go(client):
    hang(coming(), "Bread")
    assert "No pitch matches “wine &lt;3”." in page(client, "?q=wine+%3C3")
    assert "Kein Pitch passt zu „Wein“." in page(client, "?q=Wein", language="de")
    assert "Filter lösen" in page(client, "?q=Wein", language="de")


def test_tag_page_gathers_the_pitches_of_its_event(client):
    event = coming()
    hang(event, "Bread").tags.add("Große Töne")
    hang(event, "Ale")
    hang(EventFactory(), "Elsewhere").tags.add("Große Töne", "elsewhere")
    response = client.get("/neo/tags/grosse-toene/")
    assert shown(response) == ["Bread"]
    assert "1 pitch about #Große Töne" in response.content.decode()
    assert client.get("/neo/tags/elsewhere/").status_code == 404
    assert client.get("/neo/tags/never-heard/").status_code == 404


def test_person_page_shows_what_somebody_hosts_at_the_event(client):
    event, aylin = coming(), UserFactory(profile__name="Aylin Kaya")
    hang(event, "Own", pitch__owner=aylin, pitch__published_at=NOW)
    HostFactory(pitch=hang(event, "Shared"), person=aylin)
    HostFactory(pitch=hang(event, "Only invited"), person=aylin, state="invited")
    hang(event, "Draft", pitch__owner=aylin, pitch__draft=True)
    hang(EventFactory(), "Elsewhere", pitch__owner=aylin)
    response = client.get(f"/neo/people/{aylin.profile.slug}/")
    assert sorted(shown(response)) == ["Own", "Shared"]
    assert f'href="/people/{aylin.profile.slug}/"' in response.content.decode()


def test_person_page_is_not_there_for_somebody_who_hosts_nothing_public(client):
    event, shy, gone = coming(), UserFactory(), UserFactory(is_active=False)
    hang(event, "Draft", pitch__owner=shy, pitch__draft=True)
    hang(event, "Left behind", pitch__owner=gone)
    assert client.get(f"/neo/people/{shy.profile.slug}/").status_code == 404
    assert client.get(f"/neo/people/{gone.profile.slug}/").status_code == 404
    assert client.get("/neo/people/nobody/").status_code == 404


def test_hosts_see_the_count_of_their_own_card_and_no_button(client):
    event, host = coming(), UserFactory()
    hang(event, "Mine", pitch__owner=host)
    hang(event, "Theirs")
    client.force_login(host)
    cards = client.get("/neo/pitches/").context["cards"]
    assert {card.pitch.title: card.mark.closed for card in cards} == {"Mine": True, "Theirs": False}
    PitchFactory(event=event)  # a pitch that lost its sessions does not break the wall
    assert client.get("/neo/pitches/").status_code == 200
