"""Two pitches become one with all that hangs on them, and two again."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone
from post_office.models import Email

from comments import closures, following, merging, posting, threads
from comments.mentions import targets
from comments.models import Comment, Follow, Mention, Visit
from comments.readers import Reader
from sessions import curation, pitching, review, walls
from sessions.merging import (
    AlreadyMerged,
    Itself,
    NotPublic,
    NotThere,
    OtherEvent,
    Published,
    TooMany,
    preview,
)
from sessions.models import (
    Event,
    Host,
    Interest,
    LogEntry,
    Merge,
    Move,
    OrganiserNote,
    OutboxEntry,
    Pitch,
    Proposal,
)
from sessions.parting import Buried, NothingLeft
from tests.at_once import at_once
from tests.factories import (
    CommentFactory,
    EventFactory,
    HostFactory,
    InterestFactory,
    LikeFactory,
    PlacementFactory,
    ProposalFactory,
    ScheduleFactory,
    UserFactory,
)
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def event():
    return EventFactory()


@pytest.fixture
def organiser():
    return UserFactory()


@pytest.fixture
def mine(event):
    """A session, whose pitch is merged into that of ``theirs``."""
    return ProposalFactory(pitch__event=event, pitch__title="Money", pitch__body="Of coins.")


@pytest.fixture
def theirs(event):
    return ProposalFactory(pitch__event=event, pitch__title="Cash", pitch__body="Of notes.")


@pytest.fixture
def merge(mine, theirs, organiser):
    """A function that merges, and one session into the other if it is asked to."""

    def merge(into=None):
        return merging.merge(
            mine.pitch, target=theirs.pitch, into=into or {}, by=organiser, now=NOW
        )

    return merge


@pytest.fixture
def undo(organiser):
    return lambda row: merging.undo(row, by=organiser, now=LATER)


def of(pitch):
    return list(pitch.proposals.order_by("position").values_list("pk", flat=True))


def led_by(pitch):
    return list(pitch.hosts.accepted().values_list("person", flat=True))


def read(pitch):
    """Numbers and depths of the comments in reading order."""
    thread = threads.load(Pitch.objects.get(pk=pitch.pk), Reader(user=UserFactory()), now=NOW)
    return [(entry.comment.pk, entry.depth) for entry in thread.entries]


def test_the_source_leads_to_the_target_and_the_wall_shows_one(merge, mine, theirs):
    merge()

    mine.pitch.refresh_from_db()
    assert (mine.pitch.state, mine.pitch.merged_into) == (Pitch.State.MERGED, theirs.pitch)
    wall = walls.select(theirs.pitch.event, walls.Asked(), now=NOW)
    assert [pitch.pk for pitch in wall] == [theirs.pitch_id]


def test_search_finds_one(merge, mine, theirs):
    Pitch.objects.filter(pk=theirs.pitch_id).update(body="Of money, too.")
    merge()

    found = walls.select(theirs.pitch.event, walls.Asked(q="money", order="match"), now=NOW)
    assert [pitch.pk for pitch in found] == [theirs.pitch_id]


@pytest.mark.parametrize("slug", ["", "money/", "anything/"])
def test_every_address_of_the_source_redirects_for_the_time_being(
    merge, mine, theirs, client, slug
):
    merge()

    url = f"/{mine.pitch.event.slug}/pitches/{mine.pitch.code}{'-' if slug else '/'}{slug}"
    response = client.get(f"{url}?order=liked")

    assert (response.status_code, response["Cache-Control"]) == (302, "no-cache")
    assert response["Location"] == f"{theirs.pitch.get_absolute_url()}?order=liked"


@pytest.mark.parametrize("page", ["edit", "withdraw", "versions"])
def test_the_pages_of_its_hosts_lead_to_the_target(merge, mine, theirs, client, page):
    merge()
    url = f"/{mine.pitch.event.slug}/pitches/{mine.pitch.code}/{page}/"

    client.force_login(mine.pitch.owner)
    assert client.get(url)["Location"] == theirs.pitch.get_absolute_url()
    client.force_login(UserFactory())
    assert client.get(url).status_code == 404


def test_words_that_come_for_a_merged_pitch_come_back(merge, mine, theirs, client):
    merge()
    client.force_login(mine.pitch.owner)

    url = f"/{mine.pitch.event.slug}/pitches/{mine.pitch.code}/edit/"
    response = client.post(url, {"title": "Money", "body": "Of long nights.", "do": "save"})

    assert response.status_code == 409
    body = response.content.decode()
    assert "Of long nights." in body
    assert f'<a href="{theirs.pitch.get_absolute_url()}">Cash</a>' in body
    assert not Pitch.objects.filter(body="Of long nights.").exists()


def test_short_links_lead_to_the_target(merge, mine, theirs, client):
    merge()

    assert client.get(f"/s/{mine.pitch.code}/")["Location"] == theirs.pitch.get_absolute_url()
    mine.refresh_from_db()
    assert client.get(f"/s/{mine.code}/")["Location"] == mine.get_absolute_url()
    assert mine.pitch == theirs.pitch


def test_the_short_link_of_a_merged_session_leads_to_the_other(merge, mine, theirs, client):
    merge({mine: theirs})

    assert client.get(f"/s/{mine.code}/")["Location"] == theirs.get_absolute_url()


def test_the_feed_of_the_source_is_the_targets(merge, mine, theirs, client):
    merge()
    slug = mine.pitch.event.slug

    response = client.get(f"/{slug}/pitches/{mine.pitch.code}/comments.atom")

    assert response["Location"] == f"/{slug}/pitches/{theirs.pitch.code}/comments.atom"


def test_hosts_are_united_once_each_and_the_owner_stays(merge, undo, mine, theirs):
    both = HostFactory(pitch=mine.pitch).person
    HostFactory(pitch=theirs.pitch, person=both, state=Host.State.INVITED)

    row = merge()
    assert led_by(theirs.pitch) == [theirs.pitch.owner_id, both.pk, mine.pitch.owner_id]
    assert Pitch.objects.get(pk=theirs.pitch_id).owner == theirs.pitch.owner

    undo(row)
    assert led_by(theirs.pitch) == [theirs.pitch.owner_id]
    assert led_by(mine.pitch) == [mine.pitch.owner_id, both.pk]


def test_a_session_goes_along_under_its_name_and_with_the_pitchs_text(merge, undo, mine, theirs):
    row = merge()

    mine.refresh_from_db()
    assert of(theirs.pitch) == [theirs.pk, mine.pk]
    assert (mine.title, mine.abstract) == ("Money", "Of coins.")

    undo(row)
    mine.refresh_from_db()
    assert (mine.pitch.title, mine.position, mine.title, mine.abstract) == ("Money", 0, "", "")


def test_what_hosts_wrote_into_a_session_since_stays_written(merge, undo, mine):
    row = merge()
    Proposal.objects.filter(pk=mine.pk).update(title="Coins", abstract="More.")

    undo(row)

    mine.refresh_from_db()
    assert (mine.title, mine.abstract) == ("Coins", "More.")


def test_interest_is_united_per_person(merge, undo, mine, theirs):
    both, visitor = UserFactory(), uuid.uuid4()
    for session in (mine, theirs):
        InterestFactory(proposal=session, user=both)
        InterestFactory(proposal=session, user=None, visitor=visitor)
    alone = InterestFactory(proposal=mine, anonymous=True)
    InterestFactory(proposal=theirs)

    told = preview(mine.pitch, theirs.pitch)
    assert (told.of_source, told.of_target, told.together) == (3, 3, 4)

    row = merge({mine: theirs})
    assert theirs.interests.count() == 4
    assert theirs.interests.get(visitor=alone.visitor).created_at == alone.created_at

    since = InterestFactory(proposal=theirs)
    undo(row)
    assert (mine.interests.count(), theirs.interests.count()) == (3, 4)
    assert theirs.interests.filter(pk=since.pk).exists()


def test_a_click_on_an_old_page_counts_for_the_united_session(merge, mine, theirs, event, client):
    day = timezone.now().date()
    Event.objects.filter(pk=event.pk).update(starts_on=day, ends_on=day)
    url = f"/{event.slug}/sessions/{mine.code}/interest/"
    merge({mine: theirs})

    response = client.post(url, headers={"HX-Request": "true"})
    assert f'id="interest-{theirs.code}"' in response.content.decode()
    assert (theirs.interests.count(), mine.interests.count()) == (1, 0)

    assert client.delete(url)["Location"] == theirs.get_absolute_url()
    assert theirs.interests.count() == 0


def test_hosts_are_no_longer_counted_as_interested(merge, undo, mine, theirs):
    InterestFactory(proposal=theirs, user=mine.pitch.owner)
    InterestFactory(proposal=mine, user=theirs.pitch.owner)

    row = merge()
    assert Interest.objects.count() == 0

    undo(row)
    assert theirs.interests.get().user == mine.pitch.owner
    assert mine.interests.get().user == theirs.pitch.owner


def test_a_merged_session_leaves_the_draft_and_comes_back_to_its_place(
    merge, undo, mine, theirs, event
):
    Proposal.objects.filter(pk=mine.pk).update(state=Proposal.State.ACCEPTED)
    place = PlacementFactory(schedule=ScheduleFactory(event=event), proposal=mine)

    row = merge({mine: theirs})
    mine.refresh_from_db()
    assert (mine.state, mine.merged_into) == (Proposal.State.MERGED, theirs)
    assert not mine.placements.exists()
    assert [move.kind for move in Move.objects.all()] == [Move.Kind.UNPLACED]

    undo(row)
    mine.refresh_from_db()
    assert (mine.state, mine.merged_into) == (Proposal.State.ACCEPTED, None)
    assert mine.placements.get().during == place.during


def test_a_place_that_was_taken_meanwhile_is_not_taken_back(merge, undo, mine, theirs, event):
    Proposal.objects.filter(pk=mine.pk).update(state=Proposal.State.ACCEPTED)
    place = PlacementFactory(schedule=ScheduleFactory(event=event), proposal=mine)
    row = merge({mine: theirs})
    PlacementFactory(schedule=place.schedule, room=place.room)

    undo(row)

    mine.refresh_from_db()
    assert mine.state == Proposal.State.ACCEPTED
    assert not mine.placements.exists()


def test_a_prepared_decision_comes_back(merge, undo, mine, theirs):
    Proposal.objects.filter(pk=mine.pk).update(prepared_state=Proposal.State.ACCEPTED)

    undo(merge({mine: theirs}))

    mine.refresh_from_db()
    assert (mine.state, mine.prepared_state) == (Proposal.State.OPEN, Proposal.State.ACCEPTED)


def test_tags_are_united_up_to_five(merge, undo, mine, theirs):
    theirs.pitch.tags.add("a", "b", "c", "d")
    mine.pitch.tags.add("d")
    mine.pitch.tags.add("e")
    mine.pitch.tags.add("f")

    row = merge()
    assert set(theirs.pitch.tags.names()) == {"a", "b", "c", "d", "e"}

    undo(row)
    assert set(theirs.pitch.tags.names()) == {"a", "b", "c", "d"}
    assert set(mine.pitch.tags.names()) == {"d", "e", "f"}


def test_organisers_notes_go_along(merge, undo, mine, theirs):
    note = OrganiserNote.objects.create(pitch=mine.pitch, text="Ask them.")

    row = merge()
    assert theirs.pitch.notes.get() == note
    undo(row)
    assert mine.pitch.notes.get() == note


def test_votes_are_united_per_organiser(merge, undo, mine, theirs):
    both, one, other = UserFactory.create_batch(3)
    review.vote(theirs, -1, by=both, now=NOW)
    for organiser in (both, one, other):
        review.vote(mine, 1, by=organiser, now=NOW)

    row = merge({mine: theirs})
    votes = theirs.votes.order_by("organiser").values_list("organiser", "value")
    assert list(votes) == [(both.pk, -1), (one.pk, 1), (other.pk, 1)]

    review.vote(theirs, 0, by=other, now=LATER)
    undo(row)
    assert list(votes.all()) == [(both.pk, -1), (other.pk, 0)]
    assert mine.votes.count() == 3


def test_threads_are_interleaved_in_the_order_of_their_times(merge, undo, mine, theirs):
    a = CommentFactory(pitch=mine.pitch)
    b = CommentFactory(pitch=theirs.pitch)
    reply = CommentFactory(parent=a)
    c = CommentFactory(pitch=mine.pitch)
    LikeFactory(comment=a)

    row = merge()
    assert read(theirs.pitch) == [(a.pk, 0), (reply.pk, 1), (b.pk, 0), (c.pk, 0)]
    assert list(Comment.objects.order_by("pk").values_list("parent", "root", "path")) == [
        (None, None, [a.pk]),
        (None, None, [b.pk]),
        (a.pk, a.pk, [a.pk, reply.pk]),
        (None, None, [c.pk]),
    ]
    assert a.likes.count() == 1

    answer = CommentFactory(parent=Comment.objects.get(pk=reply.pk))
    since = CommentFactory(pitch=theirs.pitch)
    undo(row)
    assert read(mine.pitch) == [(a.pk, 0), (reply.pk, 1), (answer.pk, 2), (c.pk, 0)]
    assert read(theirs.pitch) == [(b.pk, 0), (since.pk, 0)]


def test_follows_visits_and_closed_threads_go_along(merge, undo, mine, theirs, organiser):
    a, b, both = UserFactory(), UserFactory(), UserFactory()
    following.follow(mine.pitch, by=a)
    following.follow(mine.pitch, by=both)
    following.mute_pitch(theirs.pitch, by=both)
    following.mute_pitch(mine.pitch, by=theirs.pitch.owner)
    Visit.objects.create(pitch=mine.pitch, user=b, latest=NOW)
    root = CommentFactory(pitch=mine.pitch)
    closures.close(mine.pitch, by=organiser, now=NOW)

    row = merge()
    states = theirs.pitch.follows.order_by("user").values_list("user", "state")
    assert list(states) == [(a.pk, "following"), (both.pk, "muted")]
    assert theirs.pitch.visits.get().user == b
    closed = closures.of(theirs.pitch)
    assert (closed.whole, closed.roots) == (False, {root.pk})

    undo(row)
    assert Follow.objects.get(pitch=theirs.pitch).user == both
    assert not theirs.pitch.visits.exists()
    assert closures.of(mine.pitch).whole
    assert not closures.of(theirs.pitch).roots


def test_mentions_go_along_and_new_ones_of_the_old_address_arrive(merge, undo, mine, theirs):
    old = f"http://testserver{mine.pitch.get_absolute_url()}"
    once = Mention.objects.create(pitch=mine.pitch, source="https://a.example/", target=old)
    twice = [
        Mention.objects.create(pitch=session.pitch, source="https://b.example/", target=old)
        for session in (mine, theirs)
    ]

    row = merge()
    assert list(theirs.pitch.mentions.order_by("pk")) == [once, twice[1]]
    assert targets.find(old) == theirs.pitch
    assert targets.find(f"http://testserver/s/{mine.pitch.code}/") == theirs.pitch
    assert targets.Target.of(theirs.pitch).is_meant_by(old)

    undo(row)
    assert list(mine.pitch.mentions.order_by("pk")) == [once, twice[0]]
    assert not targets.Target.of(theirs.pitch).is_meant_by(old)


def test_what_is_sent_from_the_old_page_arrives_below_the_target(merge, mine, theirs, client):
    merge()
    client.force_login(UserFactory())

    client.post(f"/comments/on/{mine.pitch.code}/", {"body": "I had it open."})

    assert theirs.pitch.comments.get().body == "I had it open."


def test_whoever_read_a_comment_before_the_merge_changes_it_below_the_target(merge, mine, theirs):
    stale = CommentFactory(pitch=mine.pitch, author=mine.pitch.owner, created_at=NOW)
    CommentFactory(parent=stale)
    merge()

    posting.edit(stale, body="Better.", now=NOW)
    row = posting.held(stale)
    row.save()

    assert set(Comment.objects.values_list("pitch", flat=True)) == {theirs.pitch_id}


def test_the_log_says_it_at_both(merge):
    row = merge()
    actions = LogEntry.objects.filter(action=LogEntry.Action.MERGED).order_by("pk")
    assert [(entry.pitch, entry.details) for entry in actions] == [
        (row.source, {"into": row.target.code}),
        (row.target, {"with": row.source.code}),
    ]


def test_hosts_of_both_are_told_once_each(merge, undo, mine, theirs, organiser):
    UserFactory(confirmed=True)
    people = [UserFactory(confirmed=True) for _pitch in range(2)]
    HostFactory(pitch=mine.pitch, person=people[0])
    for session in (mine, theirs):
        HostFactory(pitch=session.pitch, person=people[1])

    row = merge()
    mails = Email.objects.order_by("pk")
    assert [mail.to for mail in mails] == [[person.email] for person in people]
    assert {mail.subject for mail in mails} == {"Merged: Money"}

    undo(row)
    assert OutboxEntry.objects.filter(kind="merge").count() == Email.objects.count() == 4


def test_a_chain_of_merges_leads_to_its_end(merge, undo, mine, theirs, event, organiser, client):
    last = ProposalFactory(pitch__event=event)
    first = merge({mine: theirs})
    second = merging.merge(
        theirs.pitch, target=last.pitch, into={theirs: last}, by=organiser, now=NOW
    )

    assert client.get(f"/s/{mine.pitch.code}/")["Location"] == last.pitch.get_absolute_url()
    assert client.get(f"/s/{mine.code}/")["Location"] == last.get_absolute_url()
    with pytest.raises(Buried):
        undo(first)

    undo(second)
    assert client.get(f"/s/{mine.code}/")["Location"] == theirs.get_absolute_url()
    undo(first)
    assert client.get(f"/s/{mine.code}/")["Location"] == mine.get_absolute_url()


def test_undoing_twice_changes_nothing(merge, undo):
    row = merge()

    assert undo(row)
    assert not undo(row)
    assert Merge.objects.get().undone_at == LATER


def test_merging_again_after_undoing(merge, undo):
    undo(merge())
    merge()

    assert Merge.objects.standing().count() == 1


def test_what_cannot_be_merged_is_refused_by_name(merge, mine, theirs, organiser):
    def refused(error, source=mine.pitch, target=theirs.pitch, into=None):
        with pytest.raises(error) as refusal:
            merging.merge(source, target=target, into=into or {}, by=organiser, now=NOW)
        return str(refusal.value)

    foreign = ProposalFactory(pitch__title="Foreign")
    gone = ProposalFactory(pitch__event=mine.pitch.event, pitch__withdrawn=True)
    hidden = ProposalFactory(pitch__event=mine.pitch.event, pitch__hidden=True)
    assert refused(Itself, target=mine.pitch) == "A pitch cannot be merged with itself."
    assert refused(OtherEvent, target=foreign.pitch) == "“Foreign” belongs to another event."
    refused(NotPublic, target=gone.pitch)
    refused(NotPublic, source=gone.pitch)
    refused(NotPublic, target=hidden.pitch)
    refused(NotThere, into={mine: gone})
    refused(NotThere, into={mine: mine})
    merge()
    assert refused(AlreadyMerged) == "“Money” is part of another pitch already."
    refused(AlreadyMerged, source=theirs.pitch, target=mine.pitch)
    assert Merge.objects.count() == 1


def test_a_session_of_the_published_programme_is_not_merged(merge, mine, theirs, event):
    Proposal.objects.filter(pk=mine.pk).update(state=Proposal.State.ACCEPTED)
    version = ScheduleFactory(event=event, version=1)
    PlacementFactory(schedule=version, proposal=mine)

    with pytest.raises(Published):
        merge({mine: theirs})
    merge()  # but it may become a session of the target, and keep its place

    assert mine.placements.count() == 1


def test_a_pitch_holds_no_more_sessions_than_its_form(merge, mine, theirs):
    ProposalFactory.create_batch(4, pitch=theirs.pitch)

    with pytest.raises(TooMany):
        merge()
    merge({mine: theirs})


def test_a_pitch_is_not_left_without_a_session(merge, undo, theirs):
    row = merge()
    theirs.delete()

    with pytest.raises(NothingLeft):
        undo(row)


def test_what_others_became_part_of_cannot_vanish(merge, mine, theirs):
    merge({mine: theirs})

    assert not theirs.pitch.proposals.removable().exists()


def test_a_merged_pitch_can_neither_be_edited_nor_shown_nor_withdrawn(merge, mine, organiser):
    row = merge()
    for verb in (pitching.withdraw, pitching.reopen, pitching.publish):
        with pytest.raises(pitching.NotPossible):
            verb(row.source, by=organiser, now=NOW)
    with pytest.raises(curation.NotAllowed, match="Undo that first"):
        curation.show(row.source, by=organiser)


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_crosswise_wait_for_one_another(event, mine, theirs, organiser):
    def merged(source, target):
        def call():
            try:
                merging.merge(source, target=target, into={}, by=organiser, now=NOW)
            except AlreadyMerged:
                return "refused"
            return "merged"

        return call

    there, back = (mine.pitch, theirs.pitch), (theirs.pitch, mine.pitch)
    assert sorted(at_once(merged(*there), merged(*back))) == ["merged", "refused"]
    assert Merge.objects.count() == 1
