"""The newest pitches in a feed reader."""

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.http import http_date

from sessions.models import Host, Proposal
from tests import feeds
from tests.factories import EventFactory, HostFactory, PitchFactory, ProposalFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

URL = "/neo15/feeds/pitches.atom"


@pytest.fixture
def event():
    earlier = timezone.now() - dt.timedelta(hours=1)
    return EventFactory(slug="neo15", name="NEO & Co", changed_at=earlier)


def titles(parsed):
    return [entry.title for entry in parsed.entries]


def test_a_feed_without_pitches_is_valid(client, event):
    parsed = feeds.check(client.get(URL))

    assert parsed.entries == []
    assert parsed.feed.title == "Pitches at NEO & Co"
    assert parsed.feed.link == "http://testserver/neo15/pitches/"


def test_a_pitch_stands_in_the_feed_with_its_hosts_and_sessions(client, event):
    pitch = PitchFactory(
        event=event,
        title="Größe & <Co>",
        body="What *it* is [about](#x).",
        language="de",
        owner__profile__name="Aylin Kaya",
        updated_at=NOW + dt.timedelta(days=1),
    )
    HostFactory(pitch=pitch, person=UserFactory(profile__name="Lena"))
    HostFactory(pitch=pitch, person=UserFactory(), state=Host.State.INVITED)
    ProposalFactory(pitch=pitch, title="Ripe <1>", abstract="Now.")
    ProposalFactory(pitch=pitch, title="Gone", state=Proposal.State.WITHDRAWN)

    response = client.get(URL)

    (entry,) = feeds.check(response).entries
    assert entry.title_detail.value == "Größe & <Co>"
    assert [author.name for author in entry.authors] == ["Aylin Kaya", "Lena"]
    assert entry.link == f"http://testserver{pitch.get_absolute_url()}"
    assert entry.id == f"tag:testserver,2026-10-01:pitch/{pitch.code}"
    assert (entry.published[:10], entry.updated[:10]) == ("2026-10-01", "2026-10-02")
    said = entry.content[0]
    assert said.language == "de"
    assert "What <em>it</em> is" in said.value
    assert f'href="http://testserver{pitch.get_absolute_url()}#x"' in said.value
    assert "<h3>Ripe &lt;1&gt;</h3>" in said.value
    assert "Gone" not in said.value


def test_an_address_of_an_entry_changes_with_its_title_but_its_id_does_not(client, event):
    pitch = PitchFactory(event=event)
    before = feeds.check(client.get(URL)).entries[0]
    pitch.title = "Another"
    pitch.save()
    after = feeds.check(client.get(URL)).entries[0]

    assert after.link != before.link
    assert after.id == before.id


def test_only_pitches_that_hang_stand_in_the_feed(client, event):
    host = PitchFactory(event=event, title="Hangs").owner
    for trait in ("draft", "withdrawn", "hidden"):
        PitchFactory(event=event, title=trait, owner=host, **{trait: True})
    PitchFactory(title="Elsewhere")

    client.force_login(host)

    assert titles(feeds.check(client.get(URL))) == ["Hangs"]


def test_the_newest_fifty_come_newest_first(client, event):
    host = UserFactory()
    for number in range(52):
        PitchFactory(
            event=event,
            owner=host,
            title=f"Pitch {number}",
            published_at=NOW + dt.timedelta(hours=-number % 52),
        )

    assert titles(feeds.check(client.get(URL))) == [f"Pitch {n}" for n in range(1, 51)]


def test_control_characters_break_no_feed(client, event):
    every = "".join(map(chr, [*range(1, 32), *range(127, 160), 0xFFFE, 0xFFFF]))
    PitchFactory(
        event=event, title=f"Co{every}rk", body=f"It{every}", owner__profile__name=f"A{every}"
    )
    feeds.check(client.get(URL))


def test_a_pitch_whose_hosts_have_left_has_an_author(client, event):
    PitchFactory(event=event)
    Host.objects.all().delete()
    assert feeds.check(client.get(URL)).entries[0].author == "Somebody without an account"


@pytest.mark.parametrize("count", [1, 3, 50])
def test_the_feed_asks_as_often_for_fifty_pitches_as_for_one(
    client, event, count, django_assert_num_queries
):
    host = UserFactory()
    for _ in range(count):
        ProposalFactory(pitch__event=event, pitch__owner=host)

    with django_assert_num_queries(4):
        parsed = feeds.check(client.get(URL))

    assert len(parsed.entries) == count


def test_an_unchanged_feed_is_answered_with_304(client, event):
    first = client.get(URL)
    date = http_date(event.changed_at.timestamp())
    assert first["Last-Modified"] == date
    for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": date}):
        assert client.get(URL, headers=headers).status_code == 304


def test_the_feed_of_a_draft_is_not_found(client):
    EventFactory(slug="neo15", draft=True)
    assert client.get(URL).status_code == 404


def test_the_feed_is_found_from_the_wall_and_the_event(client, event):
    link = '<link rel="alternate" type="application/atom+xml" href="{}" title="Pitches">'
    for page in ("/neo15/", "/neo15/pitches/"):
        assert link.format(URL) in client.get(page).content.decode()


def test_a_feed_is_not_read_by_post(client, event):
    assert client.post(URL).status_code == 405
