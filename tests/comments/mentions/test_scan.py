"""Which pages are to hear of a pitch: found in its texts, noted once, noted again on change."""

import datetime as dt

import pytest

from comments.mentions import scan
from comments.models import LinkScan, Outgoing
from sessions import curation
from sessions.models import Event, Pitch
from tests.factories import EventFactory, PitchFactory, ProposalFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=1)
State = Outgoing.State


@pytest.fixture(autouse=True)
def sending(settings):
    settings.SEND_MENTIONS = True


def pitch_linking(*targets, **kwargs):
    body = "\n\n".join(f"See [there]({target})." for target in targets)
    return PitchFactory(body=body, updated_at=NOW, **kwargs)


def change(pitch, now=LATER, **fields):
    Pitch.objects.filter(pk=pitch.pk).update(updated_at=now, **fields)


def noted(pitch):
    rows = pitch.outgoing.order_by("pk")
    return list(rows.values_list("target", "state", "is_linked"))


def heard(pitch, state=State.SENT, **fields):
    pitch.outgoing.update(state=state, sent_at=NOW, attempts=1, **fields)


# --- Links ----------------------------------------------------------------------------------


def test_links_are_those_of_the_page_once_each_as_they_are_written():
    pitch = PitchFactory(
        body="[a](https://a.example/x?y=1&z=2#part) <https://B.example> "
        "[again](HTTPS://A.example/x?y=1&z=2#other) `[no](https://code.example)` "
        "![picture](https://picture.example/) https://bare.example/ [m](mailto:m@example.org) "
        "[r](/neo/pitches/) [j](javascript:alert)"
    )
    ProposalFactory(pitch=pitch, abstract="<https://c.example/ä> <http://[::1>")
    ProposalFactory(pitch=pitch, abstract="[b](https://b.example/) <http://d.example:8080/>")
    assert list(scan.links(pitch).values()) == [
        "https://a.example/x?y=1&z=2#part",
        "https://B.example",
        "https://picture.example/",
        "https://c.example/%C3%A4",
        "http://d.example:8080/",
    ]


def test_links_within_the_site_are_not_told(settings):
    settings.SITE_URL = "https://wand.example"
    pitch = pitch_linking("https://WAND.example/neo/", "http://wand.example/", "https://a.example/")
    assert list(scan.links(pitch)) == ["https://a.example/"]


def test_links_beyond_the_fiftieth_and_endless_ones_are_not_told():
    targets = [f"https://a.example/{n}" for n in range(60)]
    pitch = pitch_linking("https://a.example/" + "x" * 2_000, *targets)
    assert list(scan.links(pitch)) == targets[:50]


# --- Notes ----------------------------------------------------------------------------------


def test_a_public_pitch_is_searched_once():
    pitch = pitch_linking("https://a.example/", "https://b.example/")
    scan.pitches(NOW)
    assert noted(pitch) == [
        ("https://a.example/", State.DUE, True),
        ("https://b.example/", State.DUE, True),
    ]
    heard(pitch)
    scan.pitches(LATER)
    assert set(pitch.outgoing.values_list("state", flat=True)) == {State.SENT}


def test_the_slower_of_two_workers_leaves_a_searched_pitch_alone():
    pitch = pitch_linking("https://a.example/")
    scan.pitches(NOW)
    heard(pitch)
    scan._search(pitch.pk, now=LATER)
    assert noted(pitch) == [("https://a.example/", State.SENT, True)]


def test_an_hour_without_change_costs_one_query(django_assert_num_queries):
    for _ in range(3):
        pitch_linking("https://a.example/")
    scan.pitches(NOW)
    with django_assert_num_queries(1):
        scan.pitches(LATER)


def test_a_slip_corrected_within_a_minute_is_told_once():
    pitch = pitch_linking("https://a.example/")
    scan.pitches(NOW)
    assert not Outgoing.objects.due(NOW).exists()
    assert Outgoing.objects.due(NOW + scan.SETTLING).count() == 1
    change(pitch, NOW + dt.timedelta(seconds=30))
    scan.pitches(NOW + dt.timedelta(seconds=30))
    assert not Outgoing.objects.due(NOW + scan.SETTLING).exists()


def test_a_change_makes_old_and_new_targets_due():
    pitch = pitch_linking("https://stays.example/#a", "https://goes.example/")
    scan.pitches(NOW)
    heard(pitch)
    change(pitch, body="<https://stays.example/#b> <https://new.example/>")
    scan.pitches(LATER)
    assert noted(pitch) == [
        ("https://stays.example/#b", State.DUE, True),
        ("https://goes.example/", State.DUE, False),
        ("https://new.example/", State.DUE, True),
    ]
    assert set(pitch.outgoing.values_list("attempts", flat=True)) == {0}


def test_a_link_that_went_is_told_once_and_again_only_when_it_is_back():
    pitch = pitch_linking("https://a.example/")
    scan.pitches(NOW)
    heard(pitch)
    for minutes in (1, 2):
        change(pitch, NOW + dt.timedelta(minutes=minutes), body=f"None any more ({minutes})")
        scan.pitches(LATER)
        assert noted(pitch)[0][1:] == (State.DUE if minutes == 1 else State.SENT, False)
        heard(pitch)
    change(pitch, body="<https://a.example/>")
    scan.pitches(LATER)
    assert noted(pitch) == [("https://a.example/", State.DUE, True)]


@pytest.mark.parametrize(
    ("fields", "is_kept"),
    [
        ({"state": State.DUE, "attempts": 0}, False),
        ({"state": State.NO_ENDPOINT, "attempts": 1}, False),
        ({"state": State.DUE, "attempts": 1}, True),  # under way, or lost with its answer
        ({"state": State.FAILED, "attempts": 4}, True),
    ],
)
def test_who_cannot_have_heard_of_a_link_does_not_hear_that_it_went(fields, is_kept):
    pitch = pitch_linking("https://a.example/")
    scan.pitches(NOW)
    pitch.outgoing.update(**fields)
    change(pitch, body="Nothing")
    scan.pitches(LATER)
    assert pitch.outgoing.exists() == is_kept


def test_a_withdrawn_pitch_is_told_of_once_and_again_when_it_is_back():
    pitch = pitch_linking("https://a.example/")
    scan.pitches(NOW)
    heard(pitch)
    change(pitch, state=Pitch.State.WITHDRAWN)
    for expected in (State.DUE, State.SENT):
        scan.pitches(LATER)
        assert noted(pitch) == [("https://a.example/", expected, False)]
        heard(pitch)
        change(pitch, LATER, body="<https://a.example/> <https://b.example/>")
    change(pitch, LATER + dt.timedelta(hours=1), state=Pitch.State.PUBLIC)
    scan.pitches(LATER)
    assert noted(pitch) == [
        ("https://a.example/", State.DUE, True),
        ("https://b.example/", State.DUE, True),
    ]


def test_a_hidden_pitch_is_told_of_like_a_withdrawn_one():
    pitch, regie = pitch_linking("https://a.example/"), UserFactory()
    scan.pitches(NOW)
    heard(pitch)
    curation.hide(pitch, by=regie)
    scan.pitches(LATER)
    assert noted(pitch) == [("https://a.example/", State.DUE, False)]
    curation.show(pitch, by=regie)
    scan.pitches(LATER)
    assert noted(pitch) == [("https://a.example/", State.DUE, True)]


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "hidden"])
def test_a_pitch_that_does_not_hang_on_the_wall_is_not_searched(trait):
    pitch_linking("https://a.example/", **{trait: True})
    scan.pitches(NOW)
    assert not LinkScan.objects.exists()


@pytest.mark.parametrize("trait", ["draft", "archived"])
def test_pitches_of_drafted_and_archived_events_keep_silent(trait):
    pitch = pitch_linking("https://a.example/", event=EventFactory(**{trait: True}))
    scan.pitches(NOW)
    assert not LinkScan.objects.exists()
    Event.objects.update(state=Event.State.PUBLIC)
    scan.pitches(NOW)
    Event.objects.update(state=getattr(Event.State, trait.upper()))
    assert pitch.outgoing.count() == 1
    assert not Outgoing.objects.due(LATER).exists()


def test_nothing_is_searched_while_sending_is_switched_off(settings, django_assert_num_queries):
    settings.SEND_MENTIONS = False
    pitch_linking("https://a.example/")
    with django_assert_num_queries(0):
        scan.pitches(NOW)
