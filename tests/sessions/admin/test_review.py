import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from config import pages
from sessions import decisions, review
from sessions.models import OrganiserNote, Preparation, Proposal, SavedFilter, Vote
from tests.factories import (
    CommentFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PitchFactory,
    ProposalFactory,
    UserFactory,
)
from tests.factories.program import NOW

REVIEW = "admin:program_event_review"
# When it was asked for, and how the form of a comment remembers that.
MOMENT = re.compile(rb'DTSTAMP:\S+|value="[^"]*"')


@pytest.fixture
def other(event):
    """Another organiser of the event."""
    return MembershipFactory(event=event, user__profile__name="Aylin Kaya").user


@pytest.fixture
def session(event):
    return ProposalFactory(pitch__event=event, pitch__title="Money")


def url(event, page="", *codes):
    return reverse(f"{REVIEW}{page and '_'}{page}", args=[event.pk, *codes])


def address(proposal, page):
    return url(proposal.pitch.event, page, proposal.pitch.code)


def decide(client, proposal, state, *, seen=None, query=""):
    data = {"session": proposal.code, "state": state, "seen": seen or proposal.standing}
    return client.post(address(proposal, "decide") + query, data)


def said(response):
    return [str(message) for message in response.context["messages"]]


def prepared(proposal):
    return Proposal.objects.values_list("prepared_state", flat=True).get(pk=proposal.pk)


def listed(client, event, **query):
    return [row.proposal for row in client.get(url(event), query).context["review"].rows]


def sessions(event, number, **values):
    """Sessions of pitches of their own, the oldest first."""
    now = timezone.now()
    return [
        ProposalFactory(
            pitch__event=event,
            pitch__title=f"Topic {count}",
            pitch__published_at=now - dt.timedelta(days=30 - count),
            **values,
        )
        for count in range(number)
    ]


# The list


def test_list_counts_what_is_still_open_and_shows_it_first(desk, event, organiser):
    first, second, third = sessions(event, 3)
    decisions.prepare(first, "accepted", by=organiser)
    decisions.accept(second, by=organiser)
    ProposalFactory(pitch__event=event, pitch__draft=True)
    ProposalFactory(pitch__event=event, state="withdrawn")

    page = desk.get(url(event))

    assert [row.proposal for row in page.context["review"].rows] == [third, first, second]
    assert "1 of 3 sessions still to review" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"standing": "open"}, {"plain", "workshop", "idea", "tagged"}),
        ({"standing": "prepared"}, {"prepared"}),
        ({"standing": "decided"}, {"decided"}),
        ({"standing": "unvoted", "format": "workshop"}, {"workshop"}),
        ({"ripeness": "idea"}, {"idea"}),
        ({"tag": "recht"}, {"tagged"}),
        ({"q": "Genossenschaft"}, {"tagged"}),
        ({"format": "nonsense", "order": "nonsense", "standing": "\0"}, None),
    ],
)
def test_list_is_filtered(desk, event, organiser, query, wanted):
    rows = {
        "plain": ProposalFactory(pitch__event=event),
        "workshop": ProposalFactory(pitch__event=event, format="workshop"),
        "idea": ProposalFactory(pitch__event=event, ripeness="idea"),
        "tagged": ProposalFactory(pitch__event=event, pitch__title="Genossenschaft"),
        "prepared": ProposalFactory(pitch__event=event, prepared_state="accepted"),
        "decided": ProposalFactory(pitch__event=event, accepted=True),
    }
    rows["tagged"].pitch.tags.add("recht")
    names = {proposal.pk: name for name, proposal in rows.items()}

    found = {names[proposal.pk] for proposal in listed(desk, event, **query)}

    assert found == (set(rows) if wanted is None else wanted)


def test_every_column_orders_the_list_both_ways(desk, event, organiser):
    low = ProposalFactory(
        pitch__event=event,
        pitch__title="A",
        pitch__owner=UserFactory(profile__name="Anna"),
        format="impuls",
        ripeness="idea",
    )
    high = ProposalFactory(
        pitch__event=event,
        pitch__title="B",
        pitch__owner=UserFactory(profile__name="Bert"),
        format="blitz",
        ripeness="ready",
        state="declined",
    )
    InterestFactory(proposal=high)
    InterestFactory(proposal=high, anonymous=True)
    CommentFactory(pitch=high.pitch)
    Vote.objects.create(proposal=high, organiser=organiser, value=1)

    for column in review.COLUMNS:
        assert listed(desk, event, order=column) == [low, high], column
        assert listed(desk, event, order=f"-{column}") == [high, low], column


def test_narrow_pages_offer_the_orders_in_a_list_and_keep_the_one_that_is_on(desk, event, session):
    page = desk.get(url(event), {"order": "-session"})

    offered = [order for order, _label in page.context["orders"]]
    assert {order.removeprefix("-") for order in offered} == set(review.COLUMNS)
    assert '<option value="-session" selected>Session, the other way' in page.text
    assert '<option value="-rate">Per week</option>' in page.text


def test_list_leads_to_the_announcement_of_what_is_prepared(desk, event, session, organiser):
    announce = reverse("admin:program_event_announce", args=[event.pk])
    button = f'<a class="button" href="{announce}">Announce what is prepared</a>'

    assert button not in desk.get(url(event)).text
    decisions.prepare(session, "accepted", by=organiser)
    assert button in desk.get(url(event)).text


@pytest.mark.parametrize(
    ("hangs", "rate"),
    [(dt.timedelta(hours=1), 7.0), (dt.timedelta(days=7), 3.0), (dt.timedelta(days=28), 0.75)],
)
def test_interest_is_corrected_for_how_long_a_pitch_has_been_up(event, organiser, hangs, rate):
    proposal = ProposalFactory(pitch__event=event, pitch__published_at=NOW - hangs)
    InterestFactory.create_batch(2, proposal=proposal)
    InterestFactory(proposal=proposal, anonymous=True)

    (row,) = review.load(event, review.Asked(), by=organiser, now=NOW).rows

    assert round(row.rate, 6) == rate


def test_time_after_the_event_does_not_count_against_a_pitch(event, organiser):
    InterestFactory(proposal__pitch__event=event)
    days = [dt.datetime(2026, 11, 11, tzinfo=event.zone), dt.datetime(2027, 11, 11, tzinfo=dt.UTC)]

    rates = [review.load(event, review.Asked(), by=organiser, now=now).rows[0].rate for now in days]

    assert rates[0] == rates[1]


def test_view_of_the_list_is_kept_applied_and_removed(desk, event, organiser):
    ProposalFactory(pitch__event=event)
    workshop = ProposalFactory(pitch__event=event, format="workshop")

    kept = desk.post(f"{url(event, 'filter')}?format=workshop&x=1", {"name": "Workshops"})

    (view,) = desk.get(kept.url).context["filters"]
    assert (kept.status_code, view.name, view.query) == (303, "Workshops", "format=workshop")
    assert listed(desk, event, format="workshop") == [workshop]
    desk.post(url(event, "filter_delete"), {"name": "Workshops"})
    assert not SavedFilter.objects.exists()


def test_kept_views_are_everyones_own(client, desk, event, organiser, other):
    SavedFilter.objects.create(event=event, person=other, name="Hers", query="format=blitz")

    desk.post(url(event, "filter_delete"), {"name": "Hers"})

    assert list(desk.get(url(event)).context["filters"]) == []
    assert SavedFilter.objects.get().person == other


def test_view_without_a_name_says_so(desk, event):
    response = desk.post(f"{url(event, 'filter')}?format=blitz", {"name": " "})

    assert response.status_code == 422
    assert "The name is missing." in response.content.decode()


# One pitch


def test_page_shows_what_one_decides_by(desk, event, organiser, session):
    InterestFactory.create_batch(2, proposal=session)
    InterestFactory(proposal=session, anonymous=True)
    second = ProposalFactory(pitch=session.pitch, title="Money, part two")
    CommentFactory(pitch=session.pitch, body_html="<p>Good one</p>")
    CommentFactory(pitch=session.pitch, state="awaiting_moderation", body_html="<p>Held</p>")
    OrganiserNote.objects.create(pitch=session.pitch, author=organiser, text="Big room")
    hosts_other = ProposalFactory(pitch__event=event, pitch__title="Gardens")
    HostFactory(pitch=hosts_other.pitch, person=session.pitch.owner)

    page = desk.get(address(session, "pitch"))
    html = page.content.decode()

    assert [each["proposal"] for each in page.context["sessions"]] == [session, second]
    assert [row.proposal for row in page.context["by_the_same"]] == [hosts_other]
    for words in ("2 members", "1 visitor", "1 comment, 1 held", "Good one", "Held", "Big room"):
        assert words in html


def test_similar_pitches_share_tags_or_words_and_are_four_at_most(desk, event, session):
    session.pitch.title = "Ein Grundeinkommen für Künstler"
    session.pitch.language = "de"
    session.pitch.save()
    session.pitch.tags.add("geld")
    ProposalFactory(pitch__event=event, pitch__title="Gärten der Stadt")
    tagged = ProposalFactory(pitch__event=event, pitch__title="Tauschen statt kaufen")
    tagged.pitch.tags.add("geld")
    worded = ProposalFactory(pitch__event=event, pitch__title="Grundeinkommen der Künstlerinnen")
    ProposalFactory(pitch__title="Grundeinkommen anderswo")
    ProposalFactory(pitch__event=event, pitch__draft=True, pitch__title="Grundeinkommen, Entwurf")

    found = desk.get(address(session, "pitch")).context["similar"]
    assert [row.proposal for row in found] == [worded, tagged]

    for number in range(4):
        ProposalFactory(pitch__event=event, pitch__title=f"Grundeinkommen {number}")
    assert len(desk.get(address(session, "pitch")).context["similar"]) == 4


@pytest.mark.parametrize("count", [1, 3, 60])
def test_pages_ask_as_little_for_many_sessions_as_for_one(
    desk, event, organiser, other, django_assert_num_queries, count
):
    made = sessions(event, count)
    for proposal in (made[0], made[-1]):
        InterestFactory(proposal=proposal)
        CommentFactory(pitch=proposal.pitch)
        proposal.pitch.tags.add("recht")
        Vote.objects.update_or_create(proposal=proposal, organiser=other, defaults={"value": 1})
        OrganiserNote.objects.create(pitch=proposal.pitch, author=other, text="Big room")
        decisions.prepare(proposal, "accepted", by=other)
    SavedFilter.objects.create(event=event, person=organiser, name="Mine", query="q=topic")

    with django_assert_num_queries(7):
        assert desk.get(url(event)).status_code == 200
    with django_assert_num_queries(10):
        assert desk.get(address(made[0], "pitch")).status_code == 200


def test_next_and_previous_follow_the_filter(desk, event):
    first, _second, third = sessions(event, 3)
    Proposal.objects.filter(pk__in=[first.pk, third.pk]).update(format="blitz")

    page = desk.get(address(first, "pitch"), {"format": "blitz"})

    assert (page.context["previous"], page.context["next"]) == ("", third.pitch.code)
    assert page.context["number"] == 1


# Deciding


def test_decision_is_prepared_and_the_next_open_session_follows(desk, event, mailoutbox):
    first, second, third = sessions(event, 3)
    decisions.prepare(second, "accepted", by=MembershipFactory(event=event).user)

    response = decide(desk, first, "declined", query="?order=session")

    assert response.status_code == 303
    assert response.url == f"{address(third, 'pitch')}?order=session"
    first.refresh_from_db()
    assert (first.state, first.prepared_state) == ("open", "declined")
    assert mailoutbox == []


def test_further_sessions_of_a_pitch_come_before_the_next_pitch(desk, event):
    first, second = sessions(event, 2)
    part = ProposalFactory(pitch=first.pitch, title="Part two")

    further = f"{address(first, 'pitch')}?session={part.code}#{part.anchor}"
    assert decide(desk, first, "accepted").url == further
    assert decide(desk, part, "accepted").url == address(second, "pitch")
    assert decide(desk, second, "accepted").url == url(event)


def test_what_was_skipped_comes_last(desk, event):
    first, second, third = sessions(event, 3)

    assert decide(desk, second, "accepted").url == address(third, "pitch")
    assert decide(desk, third, "accepted").url == address(first, "pitch")


def test_decision_that_cannot_follow_is_refused_by_name(desk, event):
    proposal = ProposalFactory(pitch__event=event, pitch__title="Money", accepted=True)

    response = decide(desk, proposal, "waitlisted")

    assert response.status_code == 422
    assert "“Money” is accepted and cannot become" in response.content.decode()


@pytest.mark.parametrize("data", [{}, {"state": "confirmed"}, {"session": "\0"}])
def test_torn_form_changes_nothing(desk, session, data):
    complete = {"session": session.code, "state": "accepted", "seen": session.standing}
    data = {**complete, **data} if data else {}

    assert desk.post(address(session, "decide"), data).status_code == 422
    assert prepared(session) == ""


def test_session_of_another_pitch_is_not_decided(desk, event, session):
    foreign = ProposalFactory()
    data = {"session": foreign.code, "state": "accepted", "seen": "open."}

    assert desk.post(address(session, "decide"), data).status_code == 422
    assert prepared(foreign) == ""


def test_stale_form_says_who_prepared_what_and_overwrites_nothing(desk, session, other):
    decisions.prepare(session, "declined", by=other)

    response = decide(desk, session, "accepted", seen="open.")

    assert response.status_code == 422
    told = "Aylin Kaya has prepared for “Money” meanwhile: declined. Nothing was changed."
    assert told in response.content.decode()
    assert prepared(session) == "declined"


def test_stale_form_says_what_was_decided_meanwhile(desk, session, other):
    decisions.decline(session, by=other)

    response = decide(desk, session, "accepted", seen="open.")

    assert "“Money” is declined by now. Nothing was changed." in response.content.decode()


def test_two_who_say_the_same_do_not_disturb_each_other(desk, session, other):
    decisions.prepare(session, "accepted", by=other)

    assert decide(desk, session, "accepted", seen="open.").status_code == 303
    assert Preparation.objects.count() == 1


def test_form_of_a_pitch_that_was_taken_off_the_wall_says_so(desk, event, session):
    session.pitch.state = "hidden"
    session.pitch.save()

    page = desk.get(address(session, "pitch"), follow=True)

    assert said(page) == ["This pitch does not hang on the wall any more."]


# Undoing


def test_undo_takes_back_ones_own_decisions_one_after_the_other(desk, event, organiser):
    first, second = sessions(event, 2)
    decide(desk, first, "accepted")
    decide(desk, second, "declined")
    decide(desk, second, "accepted", seen="open.declined")

    seen = []
    for _step in range(3):
        desk.post(url(event, "undo"))
        seen.append((prepared(first), prepared(second)))

    assert seen == [("accepted", "declined"), ("accepted", ""), ("", "")]
    nothing = desk.post(url(event, "undo"), follow=True)
    assert said(nothing)[-1:] == ["You have prepared nothing that could be taken back."]


def test_undo_leads_to_the_session_that_is_open_again(desk, event):
    first, _second = sessions(event, 2)
    decide(desk, first, "accepted")

    undone = desk.post(url(event, "undo")).url
    assert undone == f"{address(first, 'pitch')}?session={first.code}#{first.anchor}"


def test_keys_work_on_the_session_that_was_chosen_or_on_the_first_open_one(desk, session):
    second = ProposalFactory(pitch=session.pitch, title="Part two")

    def current(**query):
        shown = desk.get(address(session, "pitch"), query).context["sessions"]
        return [each["proposal"] for each in shown if each["is_current"]]

    assert current() == [session]
    assert current(session=second.code) == [second]
    decide(desk, session, "accepted")
    assert current() == [second]


def test_decision_is_taken_back_by_its_button_and_that_is_undone(desk, session):
    decide(desk, session, "accepted")
    decide(desk, session, "back", seen="open.accepted")
    assert prepared(session) == ""

    desk.post(url(session.pitch.event, "undo"))

    assert prepared(session) == "accepted"


def test_undo_leaves_what_others_prepared_since(desk, event, session, other):
    decide(desk, session, "accepted")
    session.refresh_from_db()
    decisions.prepare(session, "declined", by=other)

    response = desk.post(url(event, "undo"), follow=True)

    assert said(response)[-1:] == [
        "Aylin Kaya has prepared for “Money” meanwhile: declined. Nothing was changed."
    ]
    assert prepared(session) == "declined"
    decisions.undo(event, by=other)
    assert prepared(session) == ""  # and not what was taken back before


def test_undo_never_touches_what_others_prepared(desk, event, session, other):
    decisions.prepare(session, "declined", by=other)

    desk.post(url(event, "undo"))

    assert prepared(session) == "declined"


def test_announced_decision_is_not_undone(desk, event, session, organiser):
    decide(desk, session, "accepted")
    decisions.carry_out(session, "accepted", by=organiser)

    nothing = desk.post(url(event, "undo"), follow=True)

    session.refresh_from_db()
    assert (session.state, session.prepared_state) == ("accepted", "")
    assert said(nothing)[-1:] == ["You have prepared nothing that could be taken back."]


# What nobody else may see


@pytest.fixture
def secret(event, organiser, session):
    """What the public is shown, as a function; anything kept of it is asked again."""
    paths = [
        reverse("program:event", args=[event.slug]),
        reverse("program:wall", args=[event.slug]),
        session.pitch.get_absolute_url(),
        reverse("program:person", args=[event.slug, session.pitch.owner.profile.slug]),
        reverse("program:schedule", args=[event.slug]),
        reverse("program:pitches_feed", args=[event.slug]),
        reverse("program:program_ics", args=[event.slug]),
        reverse("program:me", args=[event.slug]),
        reverse("program:pitch_versions", args=[event.slug, session.pitch.code]),
    ]
    return lambda client: [shown(client.get(path)) for path in paths]


def shown(response):
    """Without what is different each time."""
    return response.status_code, response.get("ETag"), MOMENT.sub(b"", response.content)


def test_public_sees_nothing_of_what_is_prepared(client, event, organiser, session, secret):
    before, version = secret(client), event.version

    decisions.prepare(session, "declined", by=organiser)
    review.vote(session, 1, by=organiser, now=timezone.now())
    review.note(session.pitch, "Big room", by=organiser)

    event.refresh_from_db()
    assert secret(client) == before
    assert event.version == version


def test_hosts_see_nothing_of_what_is_prepared(client, organiser, session, secret):
    client.force_login(session.pitch.owner)
    decisions.prepare(session, "declined", by=organiser)
    before = secret(client)

    decisions.undo(session.pitch.event, by=organiser)

    assert secret(client) == before


@pytest.mark.django_db(transaction=True)
def test_kept_pages_stay_as_they_are_while_something_is_prepared(client, settings, monkeypatch):
    settings.KEEP_PAGES = True
    monkeypatch.setattr(pages, "FRESH_SECONDS", 0)
    pages.store.clear()
    session = ProposalFactory()
    wall = reverse("program:wall", args=[session.pitch.event.slug])
    etag = client.get(wall)["ETag"]

    decisions.prepare(session, "accepted", by=UserFactory())

    assert client.get(wall, headers={"If-None-Match": etag}).status_code == 304
    decisions.accept(session, by=UserFactory())
    assert client.get(wall, headers={"If-None-Match": etag}).status_code == 200
    pages.store.clear()


# Votes and notes


def test_votes_of_others_are_shown_after_ones_own(desk, session, other):
    Vote.objects.create(proposal=session, organiser=other, value=-1)
    assert "Aylin Kaya" not in desk.get(address(session, "pitch")).content.decode()

    vote = {"session": session.code, "value": "1"}
    assert desk.post(address(session, "vote"), vote).status_code == 303
    assert "Aylin Kaya: against" in desk.get(address(session, "pitch")).content.decode()

    desk.post(address(session, "vote"), {**vote, "value": "0"})
    assert sorted(Vote.objects.values_list("value", flat=True)) == [-1, 0]


def test_votes_that_one_may_not_see_do_not_order_the_list(desk, event, other):
    first, second = sessions(event, 2)
    Vote.objects.create(proposal=second, organiser=other, value=1)

    assert listed(desk, event, order="-votes") == [first, second]


def test_vote_that_is_none_is_refused(desk, session):
    vote = {"session": session.code, "value": "7"}

    assert desk.post(address(session, "vote"), vote).status_code == 422
    assert not Vote.objects.exists()


def test_note_is_added_for_the_other_organisers(desk, session, organiser):
    desk.post(address(session, "note"), {"text": "Ask for\na bigger room"})

    note = OrganiserNote.objects.get()
    assert (note.pitch, note.author, note.text) == (
        session.pitch, organiser, "Ask for\na bigger room",
    )  # fmt: skip


def test_note_that_is_too_long_is_shown_again(desk, session):
    text = "long " * 1001

    response = desk.post(address(session, "note"), {"text": text})

    assert response.status_code == 422
    assert text.strip() in response.content.decode()
    assert not OrganiserNote.objects.exists()


# Who may

WRITING = ["decide", "vote", "note"]


@pytest.fixture
def addresses(event, session):
    return {
        **{page: address(session, page) for page in ("pitch", *WRITING)},
        **{page: url(event, page) for page in ("", "undo", "filter", "filter_delete")},
    }


def statuses(client, addresses, verb):
    return {page: getattr(client, verb)(address).status_code for page, address in addresses.items()}


@pytest.mark.parametrize("verb", ["get", "post"])
def test_nobody_reviews_without_logging_in(client, addresses, verb):
    assert statuses(client, addresses, verb) == dict.fromkeys(addresses, 302)


@pytest.mark.parametrize("verb", ["get", "post"])
def test_events_of_others_do_not_exist(client, stranger, addresses, verb):
    client.force_login(stranger)
    reading = dict.fromkeys(("", "pitch"), 405 if verb == "post" else 404)
    writing = {page: 404 if verb == "post" else 405 for page in addresses if page not in reading}

    assert statuses(client, addresses, verb) == {**reading, **writing}


def test_moderators_do_not_review(client, moderator, addresses):
    client.force_login(moderator)
    reading = {page: addresses[page] for page in ("", "pitch")}
    writing = {page: address for page, address in addresses.items() if page not in reading}

    assert statuses(client, reading, "get") == dict.fromkeys(reading, 403)
    assert statuses(client, writing, "post") == dict.fromkeys(writing, 403)


def test_buttons_take_no_get(desk, addresses):
    reading = ("", "pitch")
    writing = {page: address for page, address in addresses.items() if page not in reading}

    assert statuses(desk, writing, "get") == dict.fromkeys(writing, 405)


def test_drafts_belong_to_their_hosts(desk, event):
    pitch = PitchFactory(event=event, draft=True)

    assert desk.get(url(event, "pitch", pitch.code)).status_code == 404
