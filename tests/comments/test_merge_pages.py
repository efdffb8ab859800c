"""Choosing two pitches in the desk, seeing what a merge would do, doing and undoing it."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from sessions.models import Merge, Pitch, Proposal
from tests.factories import (
    CommentFactory,
    EventFactory,
    InterestFactory,
    MembershipFactory,
    PlacementFactory,
    ProposalFactory,
    ScheduleFactory,
    UserFactory,
)

ADD = "/admin/program/merge/add/"


@pytest.fixture
def event(db):
    return EventFactory()


@pytest.fixture
def desk(client, event):
    client.force_login(MembershipFactory(event=event).user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def mine(event):
    return ProposalFactory(pitch__event=event, pitch__title="Money now")


@pytest.fixture
def theirs(event):
    return ProposalFactory(pitch__event=event, pitch__title="Money then")


def asked(source, target=None):
    return f"{ADD}?source={source.pitch_id}" + (f"&target={target.pitch_id}" if target else "")


def words(response):
    return " ".join(response.content.decode().split())


def test_the_page_of_a_pitch_leads_to_its_merge(desk, mine):
    page = desk.get(reverse("admin:program_pitch_change", args=[mine.pitch_id]))

    assert f'href="{asked(mine)}"' in words(page)


def test_the_likest_pitches_are_offered_first_and_others_found(desk, event, mine, theirs):
    other = ProposalFactory(pitch__event=event, pitch__title="Cats")
    foreign = ProposalFactory(pitch__title="Money elsewhere")

    assert list(desk.get(asked(mine)).context["found"]) == [theirs.pitch]
    assert list(desk.get(f"{asked(mine)}&q=cats").context["found"]) == [other.pitch]
    assert list(desk.get(f"{asked(mine)}&q=elsewhere").context["found"]) == []
    assert foreign.pitch not in desk.get(ADD).context["found"]


@pytest.mark.parametrize("pitches", [1, 3])
def test_choosing_asks_the_same_queries_for_any_number(
    desk, event, mine, pitches, django_assert_num_queries
):
    for _pitch in range(pitches):
        ProposalFactory(pitch__event=event, pitch__title="Money")

    desk.get(asked(mine))
    with django_assert_num_queries(9):
        desk.get(asked(mine))


def test_the_preview_says_what_will_happen(desk, mine, theirs):
    both = UserFactory()
    for session in (mine, theirs):
        InterestFactory(proposal=session, user=both)
    InterestFactory(proposal=mine, anonymous=True)
    CommentFactory(pitch=mine.pitch)

    said = words(desk.get(asked(mine, theirs)))

    assert f"{mine.pitch.owner.profile.name} will lead it, too." in said
    assert "2 here and 1 there are 2 different people; each counts once." in said
    assert "1 come to 0, in the order of their times." in said
    assert Merge.objects.count() == 0


def test_the_button_merges_and_the_page_of_the_target_offers_to_undo_it(desk, mine, theirs):
    response = desk.post(asked(mine, theirs), {mine.code: theirs.code}, follow=True)

    assert response.request["PATH_INFO"] == f"/admin/program/pitch/{theirs.pitch_id}/change/"
    assert "“Money now” is part of this pitch now." in words(response)
    row = Merge.objects.get()
    assert f'href="/admin/program/merge/{row.pk}/change/">Undo</a>' in words(response)
    mine.refresh_from_db()
    assert (mine.state, mine.merged_into) == (Proposal.State.MERGED, theirs)

    undo = {"action": "undo", ACTION_CHECKBOX_NAME: row.pk, "index": 0, "next": "/admin/"}
    desk.post("/admin/program/merge/", undo)
    assert set(Pitch.objects.values_list("state", flat=True)) == {"public"}


def test_two_single_sessions_are_one_unless_that_is_changed(desk, mine, theirs):
    form = desk.get(asked(mine, theirs)).context["form"]

    assert form[mine.code].initial == theirs.code
    assert "(optional)" not in words(desk.get(asked(mine, theirs)))


def test_a_session_of_the_programme_can_only_become_one_of_the_target(desk, event, mine, theirs):
    PlacementFactory(schedule=ScheduleFactory(event=event, version=1), proposal=mine)

    page = desk.get(asked(mine, theirs))

    assert page.context["form"].fields[mine.code].choices == [("-", "becomes a session of it")]
    assert "It stands in the published programme." in words(page)


def test_what_is_not_offered_is_refused_and_nothing_happens(desk, mine, theirs):
    page = desk.post(asked(mine, theirs), {mine.code: "zzzzzz"})

    assert page.context["form"].errors
    assert Merge.objects.count() == 0


def test_a_refusal_is_told_where_one_chooses(desk, mine):
    page = desk.get(asked(mine, mine))

    assert page.status_code == 409
    assert "A pitch cannot be merged with itself." in words(page)


@pytest.mark.parametrize("target", ["0", "nonsense", "9" * 40])
def test_a_pitch_that_is_none_is_not_found(desk, mine, target):
    assert desk.get(f"{asked(mine)}&target={target}").status_code == 404


def test_a_pitch_of_another_event_is_not_found(desk, mine):
    foreign = ProposalFactory()

    assert desk.get(asked(foreign)).status_code == 404
    assert desk.get(asked(mine, foreign)).status_code == 404
    assert desk.post(asked(mine, foreign)).status_code == 404
    assert desk.post(asked(foreign, mine)).status_code == 404


def test_whoever_only_moderates_cannot_merge(client, event, mine, theirs):
    client.force_login(MembershipFactory(event=event, role="moderator").user)

    assert client.get(ADD).status_code == 403
    assert client.post(asked(mine, theirs)).status_code == 403


def test_the_list_shows_what_was_merged(desk, mine, theirs):
    desk.post(asked(mine, theirs))
    row = Merge.objects.get()

    said = words(desk.get("/admin/program/merge/"))
    assert "Money now" in said
    assert "Money then" in said
    assert desk.get(f"/admin/program/merge/{row.pk}/change/").status_code == 200
