"""Prepared decisions go out in one step, once, and as they were seen."""

import datetime as dt

import pytest
from django.utils import timezone
from post_office.models import Email

from sessions import announcing, decisions, pitching, upkeep
from sessions.announcing import Order
from sessions.mail_templates import Text
from sessions.models import AnnouncedDecision, Announcement, OutboxEntry, Proposal
from tests.at_once import at_once
from tests.factories import HostFactory, MembershipFactory, ProposalFactory, UserFactory
from tests.factories.program import NOW

LATER = NOW + dt.timedelta(hours=3)
pytestmark = pytest.mark.django_db


@pytest.fixture
def organiser():
    return MembershipFactory().user


@pytest.fixture
def event(organiser):
    return organiser.memberships.get().event


@pytest.fixture
def prepare(event, organiser):
    """Makes a session with a confirmed host and a decision that only organisers know of."""

    def prepare(state="accepted", title="Commons", **traits):
        owner = UserFactory(confirmed=True, profile__name=f"Host of {title}")
        proposal = ProposalFactory(
            pitch__event=event, pitch__owner=owner, pitch__title=title, **traits
        )
        return decisions.prepare(proposal, state, by=organiser)

    return prepare


def seen(event, **more):
    """What pressing the button orders whose page was shown now."""
    ready = announcing.ready(event)
    texts = {
        (each.proposal.code, letter.person.pk): letter.text
        for each in ready
        for letter in each.letters
    }
    return Order(seen={each.proposal.code: each.seen for each in ready}, texts=texts, **more)


def states():
    return dict(Proposal.objects.order_by("pk").values_list("pitch__title", "state"))


def mails():
    return [(mail.to[0], mail.subject) for mail in Email.objects.order_by("pk")]


def test_what_was_seen_becomes_public_with_its_mails(event, organiser, prepare):
    first, second = prepare("accepted", "Commons"), prepare("declined", "Money")

    done = announcing.announce(event, seen(event), by=organiser, now=NOW)

    assert (done.done, done.mails, done.later, done.gone) == (2, 2, [], [])
    assert states() == {"Commons": "accepted", "Money": "declined"}
    assert mails() == [
        (first.pitch.owner.email, "Accepted: Commons"),
        (second.pitch.owner.email, "Not in the programme: Money"),
    ]
    assert OutboxEntry.objects.filter(event=event, kind="decision").count() == 2


def test_each_host_reads_the_own_language(event, organiser, prepare):
    proposal = prepare()
    german = HostFactory(
        pitch=proposal.pitch, person=UserFactory(confirmed=True, language="de")
    ).person

    announcing.announce(event, seen(event), by=organiser, now=NOW)

    assert dict(mails())[german.email] == "Angenommen: Commons"
    assert dict(mails())[proposal.pitch.owner.email] == "Accepted: Commons"


def test_a_mail_is_sent_as_it_was_edited_and_braces_in_it_stay(event, organiser, prepare):
    proposal = prepare()
    order = seen(event)
    key = (proposal.code, proposal.pitch.owner_id)
    order = Order(seen=order.seen, texts={key: Text("Yes, {name}", "We are glad of {title}.")})

    announcing.announce(event, order, by=organiser, now=NOW)

    mail = Email.objects.get()
    assert (mail.subject, mail.message) == ("Yes, {name}", "We are glad of {title}.\n")


def test_whoever_has_no_confirmed_address_gets_no_mail(event, organiser):
    proposal = ProposalFactory(pitch__event=event)
    decisions.prepare(proposal, "accepted", by=organiser)
    (ready,) = announcing.ready(event)

    assert [letter.is_reachable for letter in ready.letters] == [False]
    done = announcing.announce(event, seen(event), by=organiser, now=NOW)
    assert (done.done, done.mails, mails()) == (1, 0, [])


def test_none_announces_without_a_mail(event, organiser, prepare):
    prepare()

    announcing.announce(event, Order(seen=seen(event).seen), by=organiser, now=NOW)

    assert (states(), mails()) == ({"Commons": "accepted"}, [])


def test_pressing_twice_sends_once(event, organiser, prepare):
    prepare()
    order = seen(event)
    announcing.announce(event, order, by=organiser, now=NOW)

    with pytest.raises(announcing.NothingLeft):
        announcing.announce(event, order, by=organiser, now=NOW)
    assert len(mails()) == 1


def test_what_was_prepared_since_is_named_and_stays_prepared(event, organiser, prepare):
    prepare(title="Commons")
    order = seen(event)
    prepare(title="Later")

    done = announcing.announce(event, order, by=organiser, now=NOW)

    assert done.later == ["Later"]
    assert states() == {"Commons": "accepted", "Later": "open"}
    assert [each.proposal.heading for each in announcing.ready(event)] == ["Later"]


def test_what_was_taken_back_since_is_named_and_holds_up_nothing(event, organiser, prepare):
    prepare(title="Commons")
    back = prepare(title="Back")
    order = seen(event)
    decisions.prepare(back, "", by=organiser)

    done = announcing.announce(event, order, by=organiser, now=NOW)

    assert (done.done, done.gone) == (1, ["Back"])


def retitle(proposal, organiser):
    proposal.pitch.title = "Another title"
    proposal.pitch.save()


def decide_otherwise(proposal, organiser):
    decisions.prepare(proposal, "declined", by=organiser)


def add_host(proposal, organiser):
    HostFactory(pitch=proposal.pitch, person=UserFactory(confirmed=True))


def reword(proposal, organiser):
    proposal.pitch.event.mail_templates.create(
        kind="accepted", language="en", subject="Yes", body="Come."
    )


@pytest.mark.parametrize("change", [retitle, decide_otherwise, add_host, reword])
def test_what_changed_since_is_named_and_nothing_is_sent_unseen(event, organiser, prepare, change):
    proposal = prepare()
    prepare(title="Same")
    order = seen(event)
    change(proposal, organiser)

    with pytest.raises(announcing.Changed) as refused:
        announcing.announce(event, order, by=organiser, now=NOW)

    proposal.pitch.refresh_from_db()
    assert proposal.pitch.title in refused.value.titles
    assert (set(states().values()), mails()) == ({"open"}, [])


def test_the_pitch_of_another_event_is_not_announced(organiser, event, prepare):
    prepare()
    theirs = decisions.prepare(ProposalFactory(), "accepted", by=organiser)
    order = Order(seen={**seen(event).seen, theirs.code: "0" * 32})

    announcing.announce(event, order, by=organiser, now=NOW)

    theirs.refresh_from_db()
    assert theirs.state == "open"


def test_a_hidden_pitch_is_not_announced(event, prepare):
    pitch = prepare().pitch
    pitch.state = "hidden"
    pitch.save()

    assert announcing.ready(event) == []


# At a time.


@pytest.fixture
def planned(event, organiser, prepare):
    prepare()
    return announcing.announce(
        event, seen(event, send_at=LATER), by=organiser, now=NOW
    ).announcement


def test_nothing_leaves_before_its_time(event, planned):
    upkeep.every_round(LATER - dt.timedelta(seconds=1))

    assert (states(), mails()) == ({"Commons": "open"}, [])
    assert announcing.ready(event) == []


def test_it_goes_out_at_its_time_and_once(planned, organiser):
    for _round in range(3):
        upkeep.every_round(LATER)

    planned.refresh_from_db()
    assert (planned.state, planned.done_at) == ("done", LATER)
    assert (states(), len(mails())) == ({"Commons": "accepted"}, 1)
    assert Proposal.objects.get().log.get().actor == organiser


def test_what_was_decided_otherwise_meanwhile_is_not_announced_and_marked(planned, organiser):
    decisions.prepare(Proposal.objects.get(), "declined", by=organiser)

    upkeep.every_round(LATER)

    assert (states(), mails()) == ({"Commons": "open"}, [])
    assert AnnouncedDecision.objects.get().outcome == "changed"


def test_what_its_host_withdrew_meanwhile_is_not_announced(planned):
    pitch = Proposal.objects.get().pitch
    pitching.withdraw(pitch, by=pitch.owner, now=NOW)

    upkeep.every_round(LATER)

    assert (states(), mails()) == ({"Commons": "withdrawn"}, [])


def test_a_planned_one_is_called_off_and_can_be_announced_anew(event, planned, organiser):
    announcing.call_off(planned)
    upkeep.every_round(LATER)

    assert mails() == []
    with pytest.raises(announcing.TooLate):
        announcing.call_off(planned)
    announcing.announce(event, seen(event), by=organiser, now=LATER)
    assert states() == {"Commons": "accepted"}


def test_what_went_out_cannot_be_called_off(planned):
    upkeep.every_round(LATER)

    with pytest.raises(announcing.TooLate):
        announcing.call_off(planned)


def test_a_worker_that_is_killed_meanwhile_leaves_everything_for_the_next_round(
    planned, monkeypatch
):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(announcing.outbox, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            upkeep.every_round(LATER)
    planned.refresh_from_db()
    assert (planned.state, states(), mails()) == ("planned", {"Commons": "open"}, [])

    upkeep.every_round(LATER)
    assert (states(), len(mails())) == ({"Commons": "accepted"}, 1)


def test_a_round_with_nothing_to_do_asks_two_questions(event, django_assert_num_queries):
    with django_assert_num_queries(2):
        upkeep.every_round(NOW)


@pytest.mark.django_db(transaction=True)
def test_two_organisers_press_at_once_and_every_mail_is_sent_once(event, organiser, prepare):
    for number in range(3):
        prepare(title=f"Session {number}")
    order, other = seen(event), MembershipFactory(event=event).user

    def press(by):
        try:
            return announcing.announce(event, order, by=by, now=timezone.now()).done
        except announcing.NothingLeft:
            return "nothing left"

    results = at_once(lambda: press(organiser), lambda: press(other))

    assert sorted(results, key=str) == [3, "nothing left"]
    assert (len(mails()), Announcement.objects.count()) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_carry_it_out_once(planned):
    at_once(lambda: upkeep.every_round(LATER), lambda: upkeep.every_round(LATER))

    assert (states(), len(mails())) == ({"Commons": "accepted"}, 1)
