import datetime as dt
import json
from dataclasses import asdict, replace

import pytest

from sessions import content as contents
from sessions import decisions, pitching
from sessions.content import Content, ProposalContent
from sessions.models import LogEntry, Pitch, Proposal
from tests.factories import (
    EventFactory,
    InterestFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=1)
BREAD = Content(
    title="Brot von gestern",
    body="Was Bäckereien wegwerfen.",
    language="de",
    tags=("Essen", "Geld"),
    proposals=(
        ProposalContent(title="Zahlen", format="impuls"),
        ProposalContent(
            title="Ofen", abstract="Wir backen.", format="workshop", ripeness="idea", minutes=90
        ),
    ),
)


def write(**changes):
    event = changes.pop("event", None) or EventFactory()
    return pitching.create(event, by=UserFactory(), content=replace(BREAD, **changes), now=NOW)


def actions(pitch):
    return list(pitch.log.order_by("pk").values_list("action", flat=True))


def test_create_stores_everything_as_a_draft_of_the_owner():
    pitch = write()
    stored = contents.of(pitch)
    without_codes = tuple(replace(proposal, code="") for proposal in stored.proposals)
    assert replace(stored, proposals=without_codes) == BREAD
    assert (pitch.state, pitch.published_at, pitch.created_at) == ("draft", None, NOW)
    assert [host.person for host in pitch.hosts.all()] == [pitch.owner]


def test_create_with_the_same_code_is_one_pitch_with_the_newer_words():
    event, owner = EventFactory(), UserFactory()
    first = pitching.create(event, by=owner, content=BREAD, now=NOW, code="brt234")
    codes = [proposal.code for proposal in contents.of(first).proposals]
    newer = replace(BREAD, title="Brot von heute")
    again = pitching.create(event, by=owner, content=newer, now=LATER, code="brt234")
    assert (again.pk, again.title, again.code) == (first.pk, "Brot von heute", "brt234")
    assert [proposal.code for proposal in contents.of(again).proposals] == codes


def test_create_takes_another_code_when_it_is_of_somebody_elses_pitch():
    other = PitchFactory()
    pitch = pitching.create(other.event, by=UserFactory(), content=BREAD, now=NOW, code=other.code)
    assert pitch.code != other.code
    assert Pitch.objects.get(pk=other.pk).title == other.title


def test_publish_hangs_a_draft_on_the_wall_once():
    pitch = write()
    published = pitching.publish(pitch, by=pitch.owner, now=LATER)
    again = pitching.publish(pitch, by=pitch.owner, now=LATER + dt.timedelta(hours=1))
    assert (published.state, again.published_at) == ("public", LATER)
    assert actions(pitch) == [LogEntry.Action.PUBLISHED]


@pytest.mark.parametrize(
    "event",
    [
        {"pitching_closes_at": NOW},
        {"pitching_opens_at": NOW + dt.timedelta(seconds=1)},
        {"state": "archived"},
        {"ends_on": dt.date(2026, 9, 30), "starts_on": dt.date(2026, 9, 30)},
    ],
)
def test_publish_is_refused_when_pitching_is_closed(event):
    pitch = write(event=EventFactory(**event))
    with pytest.raises(pitching.PitchingClosed):
        pitching.publish(pitch, by=pitch.owner, now=NOW)
    assert Pitch.objects.get(pk=pitch.pk).state == "draft"


def test_publish_is_refused_without_a_text():
    pitch = write(body="")
    with pytest.raises(pitching.BodyMissing):
        pitching.publish(pitch, by=pitch.owner, now=NOW)


@pytest.mark.parametrize("trait", ["withdrawn", "hidden"])
def test_publish_is_refused_when_it_is_no_draft(trait):
    pitch = PitchFactory(**{trait: True})
    with pytest.raises(pitching.NotPossible):
        pitching.publish(pitch, by=pitch.owner, now=NOW)


def test_edit_keeps_who_a_proposal_is_when_the_order_changes():
    pitch = write()
    stored = contents.of(pitch)
    zahlen, ofen = stored.proposals
    turned = replace(stored, proposals=(replace(ofen, title="Lehmofen"), zahlen))
    pitching.edit(pitch, by=pitch.owner, content=turned, now=LATER, seen=stored.token)
    assert [(row.code, row.title) for row in pitch.proposals.order_by("position")] == [
        (ofen.code, "Lehmofen"),
        (zahlen.code, "Zahlen"),
    ]


def test_edit_takes_a_code_of_another_pitch_for_a_new_session():
    foreign = ProposalFactory(title="Fremd")
    pitch = write()
    stolen = replace(BREAD, proposals=(ProposalContent(title="Meins", code=foreign.code),))
    pitching.edit(pitch, by=pitch.owner, content=stolen, now=LATER)
    foreign.refresh_from_db()
    assert (foreign.title, foreign.pitch_id != pitch.pk) == ("Fremd", True)
    assert [row.title for row in pitch.proposals.all()] == ["Meins"]


def test_edit_tells_the_second_of_two_writers_and_stores_nothing_of_theirs():
    pitch = write()
    seen = contents.of(pitch).token
    first = replace(contents.of(pitch), title="Zuerst")
    second = replace(contents.of(pitch), title="Danach")
    pitching.edit(pitch, by=pitch.owner, content=first, now=LATER, seen=seen)
    with pytest.raises(pitching.EditConflict) as caught:
        pitching.edit(pitch, by=pitch.owner, content=second, now=LATER, seen=seen)
    assert caught.value.current == first
    assert Pitch.objects.get(pk=pitch.pk).title == "Zuerst"


def test_edit_writes_no_log_and_no_version_when_nothing_changed():
    pitch = write()
    pitching.edit(pitch, by=pitch.owner, content=contents.of(pitch), now=LATER, seen="stale")
    assert actions(pitch) == []
    assert Pitch.objects.get(pk=pitch.pk).updated_at == NOW


def remove_the_second(pitch):
    stored = contents.of(pitch)
    only = replace(stored, proposals=stored.proposals[:1])
    return pitching.edit(pitch, by=pitch.owner, content=only, now=LATER)


def test_edit_removes_a_session_that_nobody_wants_yet():
    pitch = write()
    remove_the_second(pitch)
    assert [row.title for row in pitch.proposals.all()] == ["Zahlen"]


@pytest.mark.parametrize(
    "want",
    [
        lambda row: InterestFactory(proposal=row),
        lambda row: InterestFactory(proposal=row, anonymous=True),
        lambda row: decisions.waitlist(row, by=UserFactory()),
        lambda row: decisions.prepare(row, "accepted", by=UserFactory()),
        lambda row: PlacementFactory(
            proposal=row, schedule__event=row.pitch.event, room__event=row.pitch.event
        ),
    ],
)
def test_edit_does_not_remove_a_session_that_is_wanted_or_decided(want):
    pitch = write()
    ofen = pitch.proposals.get(title="Ofen")
    want(ofen)
    with pytest.raises(pitching.StillWanted) as caught:
        remove_the_second(pitch)
    assert [proposal.code for proposal in caught.value.proposals] == [ofen.code]
    assert pitch.proposals.count() == 2


def test_edit_is_refused_while_the_organisers_hide_it():
    pitch = PitchFactory(hidden=True)
    with pytest.raises(pitching.NotPossible):
        pitching.edit(pitch, by=pitch.owner, content=BREAD, now=LATER)


def test_edit_leaves_no_published_pitch_without_a_text():
    pitch = write()
    pitch = pitching.publish(pitch, by=pitch.owner, now=NOW)
    empty = replace(contents.of(pitch), body="")
    with pytest.raises(pitching.BodyMissing):
        pitching.edit(pitch, by=pitch.owner, content=empty, now=LATER)


def test_withdraw_takes_every_session_along_that_can_be_withdrawn():
    pitch = write()
    pitching.publish(pitch, by=pitch.owner, now=NOW)
    zahlen, ofen = pitch.proposals.order_by("position")
    decisions.accept(zahlen, by=UserFactory())
    decisions.cancel(zahlen, by=UserFactory())
    withdrawn = pitching.withdraw(pitch, by=pitch.owner, now=LATER)
    assert withdrawn.state == "withdrawn"
    assert {row.title: row.state for row in pitch.proposals.all()} == {
        "Zahlen": Proposal.State.CANCELLED,
        "Ofen": Proposal.State.WITHDRAWN,
    }
    assert pitch.log.get(action="withdrawn").details == {"sessions": [ofen.code]}


def test_reopen_brings_back_only_what_left_together_with_the_pitch():
    pitch = write()
    pitching.publish(pitch, by=pitch.owner, now=NOW)
    zahlen = pitch.proposals.get(title="Zahlen")
    decisions.withdraw(zahlen, by=pitch.owner)
    pitching.withdraw(pitch, by=pitch.owner, now=LATER)
    reopened = pitching.reopen(pitch, by=pitch.owner, now=LATER)
    assert (reopened.state, reopened.published_at) == ("public", NOW)
    assert {row.title: row.state for row in pitch.proposals.all()} == {
        "Zahlen": Proposal.State.WITHDRAWN,
        "Ofen": Proposal.State.OPEN,
    }


def test_reopen_is_refused_when_pitching_is_closed():
    pitch = PitchFactory(withdrawn=True, event__pitching_closes_at=NOW)
    with pytest.raises(pitching.PitchingClosed):
        pitching.reopen(pitch, by=pitch.owner, now=LATER)


@pytest.mark.parametrize("trait", ["draft", "hidden"])
def test_withdraw_and_reopen_are_refused_for_drafts_and_hidden_pitches(trait):
    pitch = PitchFactory(**{trait: True})
    for verb in (pitching.withdraw, pitching.reopen):
        with pytest.raises(pitching.NotPossible):
            verb(pitch, by=pitch.owner, now=NOW)


def test_discard_deletes_drafts_only():
    draft, public = write(), PitchFactory()
    pitching.discard(draft)
    with pytest.raises(pitching.NotPossible):
        pitching.discard(public)
    assert list(Pitch.objects.all()) == [public]


def test_known_tags_are_those_of_the_wall_most_used_first():
    event = EventFactory()
    for tags in (["geld"], ["geld", "brot"]):
        PitchFactory(event=event).tags.set(tags)
    PitchFactory(event=event, draft=True).tags.set(["geheim"])
    PitchFactory().tags.set(["anderswo"])
    assert pitching.known_tags(event) == ["geld", "brot"]


def test_content_survives_json():
    assert Content.from_dict(json.loads(json.dumps(asdict(BREAD)))) == BREAD
