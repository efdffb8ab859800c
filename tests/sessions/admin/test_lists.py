import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from sessions.models import LogEntry, Pitch
from tests.factories import (
    CommentFactory,
    HostFactory,
    InterestFactory,
    ProposalFactory,
    UserFactory,
)

PITCHES, SESSIONS = "admin:program_pitch_changelist", "admin:program_proposal_changelist"


def act(desk, name, action, *rows, **data):
    numbers = [row.pk for row in rows]
    data = {"action": action, ACTION_CHECKBOX_NAME: numbers, "index": 0, **data}
    return desk.post(reverse(name), data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def fill(event, count, author):
    for _number in range(count):
        proposal = ProposalFactory(pitch__event=event)
        HostFactory(pitch=proposal.pitch)
        InterestFactory.create_batch(2, proposal=proposal)
        InterestFactory(proposal=proposal, anonymous=True)
        CommentFactory(pitch=proposal.pitch)
        proposal.pitch.tags.add("recht")
        LogEntry.objects.create(
            event=event,
            actor=author,
            action=LogEntry.Action.DECIDED,
            pitch=proposal.pitch,
            proposal=proposal,
        )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("admin:index", 9),
        ("admin:program_event_changelist", 5),
        (PITCHES, 8),
        (SESSIONS, 8),
        ("admin:comments_comment_changelist", 7),
        ("admin:program_logentry_changelist", 6),
        ("admin:speakers_user_changelist", 6),
    ],
)
def test_lists_ask_as_little_for_three_rows_as_for_one(
    desk, event, organiser, django_assert_num_queries, name, count, queries
):
    fill(event, count, organiser)

    with django_assert_num_queries(queries):
        assert desk.get(reverse(name)).status_code == 200


def test_interest_of_members_and_of_visitors_is_counted_apart(desk, event, organiser):
    fill(event, 1, organiser)

    for name in (PITCHES, SESSIONS):
        (row,) = desk.get(reverse(name)).context["cl"].result_list
        assert (row.member_count, row.visitor_count) == (2, 1)


@pytest.mark.parametrize("q", ["Genossenschaften", "platt", "Aylin", "code"])
def test_sessions_are_found_by_words_parts_hosts_and_code(desk, event, q):
    ProposalFactory(pitch__event=event)
    wanted = ProposalFactory(
        pitch__event=event,
        pitch__title="Genossenschaft statt Plattform",
        pitch__owner=UserFactory(profile__name="Aylin Kaya"),
    )
    q = wanted.code if q == "code" else q

    found = desk.get(reverse(SESSIONS), {"q": q}).context["cl"].result_list

    assert [row.pk for row in found] == [wanted.pk]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"state": "accepted"}, "accepted"),
        ({"format": "workshop"}, "workshop"),
        ({"ripeness": "idea"}, "idea"),
        ({"tag": "recht"}, "tagged"),
        ({"prepared": "yes"}, "prepared"),
    ],
)
def test_sessions_are_filtered(desk, event, query, wanted):
    rows = {
        "accepted": ProposalFactory(pitch__event=event, accepted=True),
        "workshop": ProposalFactory(pitch__event=event, format="workshop"),
        "idea": ProposalFactory(pitch__event=event, ripeness="idea"),
        "tagged": ProposalFactory(pitch__event=event),
        "prepared": ProposalFactory(pitch__event=event, prepared_state="accepted"),
    }
    rows["tagged"].pitch.tags.add("recht")

    found = desk.get(reverse(SESSIONS), query).context["cl"].result_list

    assert [row.pk for row in found] == [rows[wanted].pk]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("accept", "open", "accepted"),
        ("waitlist", "open", "waitlisted"),
        ("decline", "open", "declined"),
        ("cancel", "accepted", "cancelled"),
    ],
)
def test_a_decision_is_an_action(desk, event, organiser, action, before, after):
    proposal = ProposalFactory(pitch__event=event, state=before)

    said_now = said(act(desk, SESSIONS, action, proposal))

    proposal.refresh_from_db()
    assert proposal.state == after
    assert said_now == [
        f"1 session: {proposal.get_state_display()}. E-mails go to all whom it concerns."
    ]
    assert LogEntry.objects.get().actor == organiser


def test_what_cannot_be_decided_is_named_and_holds_up_nothing(desk, event):
    gone = ProposalFactory(pitch__event=event, state="withdrawn", title="Gone")
    here = ProposalFactory(pitch__event=event)

    said_now = said(act(desk, SESSIONS, "accept", gone, here))

    assert said_now == [
        "“Gone” is withdrawn and cannot become accepted.",
        "1 session: accepted. E-mails go to all whom it concerns.",
    ]


@pytest.mark.parametrize(
    ("action", "prepared"),
    [
        ("prepare_accept", "accepted"),
        ("prepare_waitlist", "waitlisted"),
        ("prepare_decline", "declined"),
        ("take_back", ""),
    ],
)
def test_a_decision_is_prepared_without_anybody_noticing(desk, event, mailoutbox, action, prepared):
    proposal = ProposalFactory(pitch__event=event, prepared_state="accepted")

    act(desk, SESSIONS, action, proposal)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.prepared_state) == ("open", prepared)


def test_nothing_prepared_is_nothing_to_announce(desk, event):
    undecided = ProposalFactory(pitch__event=event)

    said_now = said(act(desk, SESSIONS, "announce", undecided))

    assert said_now == ["None of these sessions has a prepared decision."]


def test_an_action_on_a_row_s_own_page_leads_back_to_it(desk, event):
    proposal = ProposalFactory(pitch__event=event)
    page = reverse("admin:program_proposal_change", args=[proposal.pk])

    response = act(desk, SESSIONS, "accept", proposal, next=page)

    assert response.request["PATH_INFO"] == page


def test_a_pitch_is_hidden_and_shown_again(desk, event, organiser):
    pitch = ProposalFactory(pitch__event=event).pitch

    act(desk, PITCHES, "hide", pitch)
    assert Pitch.objects.get().state == Pitch.State.HIDDEN
    act(desk, PITCHES, "show", pitch)
    assert Pitch.objects.get().state == Pitch.State.PUBLIC

    log = LogEntry.objects.order_by("pk").values_list("action", "actor")
    assert list(log) == [("hidden", organiser.pk), ("shown", organiser.pk)]


def test_a_draft_is_not_hidden_and_it_is_said_why(desk, event):
    pitch = ProposalFactory(pitch__event=event, pitch__draft=True, pitch__title="Mine").pitch

    assert said(act(desk, PITCHES, "hide", pitch)) == [
        "“Mine” is draft; only its hosts change that."
    ]
