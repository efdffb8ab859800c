"""Publishing: a frozen version, its sequence numbers, and the hosts who are told once."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from post_office.models import Email

from sessions import decisions, programme_news
from sessions.models import LogEntry, Placement, Schedule
from sessions.scheduling import publish as publishing
from sessions.scheduling.conflicts import HostTwice, RoomTooSmall
from sessions.scheduling.publish import Impossible, Regrettable, Unchanged
from speakers.models import User
from tests.factories import (
    EventFactory,
    HostFactory,
    InterestFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    UserFactory,
)
from tests.factories.program import NOW, during, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory(slug="neo", name="Next Economy Open")


@pytest.fixture
def draft(event):
    return ScheduleFactory(event=event)


@pytest.fixture
def saal(event):
    return RoomFactory(event=event, name="Saal")


def publish(event, **fields):
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(emailaddress=None)
    )
    return publishing.publish(event, **{"by": None, "changelog": "", "now": NOW, **fields})


def shift(placement, start, **fields):
    Placement.objects.filter(pk=placement.pk).update(during=during(hour(start)), **fields)


def sequence(version, placement):
    return version.placements.get(proposal=placement.proposal).sequence


def test_publish_freezes_a_copy_of_the_draft(event, draft):
    place = PlacementFactory(schedule=draft, pinned=True)
    user = UserFactory()
    version = publish(event, by=user, changelog="First.\r\nFor you.\x00")
    assert (version.version, version.changelog, version.published_at, version.published_by) == (
        1, "First.\nFor you.", NOW, user,
    )  # fmt: skip
    (copy,) = version.placements.all()
    assert (copy.proposal, copy.room, copy.during, copy.pinned) == (
        place.proposal, place.room, place.during, True,
    )  # fmt: skip
    assert draft.placements.get() == place
    entry = LogEntry.objects.get()
    assert (entry.actor, entry.action, entry.details, entry.at) == (
        user, LogEntry.Action.PROGRAMME_PUBLISHED, {"version": 1}, NOW,
    )  # fmt: skip


def test_published_version_stays_as_it_is_when_the_draft_moves(event, draft):
    place = PlacementFactory(schedule=draft)
    version = publish(event)
    shift(place, 3)
    assert version.placements.get().during == during(hour(1))


def test_publish_refuses_what_cannot_take_place(event, draft):
    one = PlacementFactory(schedule=draft)
    two = PlacementFactory(schedule=draft)
    HostFactory(pitch=two.proposal.pitch, person=one.proposal.pitch.owner)
    with pytest.raises(Impossible) as refused:
        publish(event)
    assert [type(conflict) for conflict in refused.value.conflicts] == [HostTwice]
    assert not Schedule.objects.filter(version=1).exists()


def test_publish_wants_to_hear_that_a_pity_is_known(event, draft):
    place = PlacementFactory(schedule=draft, room__capacity=1)
    for _ in range(2):
        place.proposal.interests.create(user=UserFactory())
    with pytest.raises(Regrettable) as refused:
        publish(event)
    assert [type(conflict) for conflict in refused.value.conflicts] == [RoomTooSmall]
    assert publish(event, knowingly=True).version == 1


def test_publish_refuses_when_nothing_changed(event, draft):
    PlacementFactory(schedule=draft)
    publish(event)
    with pytest.raises(Unchanged):
        publish(event)


def test_publish_refuses_an_empty_board(event):
    with pytest.raises(Unchanged):
        publish(event)


def test_publish_takes_a_programme_back_when_the_board_was_emptied(event, draft):
    PlacementFactory(schedule=draft)
    publish(event)
    draft.placements.all().delete()
    assert publish(event).placements.count() == 0


def test_sequence_counts_the_versions_in_which_the_place_changed(event, draft):
    moving, staying = PlacementFactory(schedule=draft), PlacementFactory(schedule=draft)
    sequences = []
    for start in (1, 2, 2, 3):
        shift(moving, start)
        PlacementFactory(schedule=draft)  # so that there always is something new
        version = publish(event)
        sequences.append((sequence(version, moving), sequence(version, staying)))
    assert sequences == [(0, 0), (1, 0), (1, 0), (2, 0)]


def test_sequence_rises_beyond_its_cancellation_when_a_session_comes_back(event, draft):
    away, other = PlacementFactory(schedule=draft), PlacementFactory(schedule=draft)
    publish(event)
    proposal, room = away.proposal, away.room
    away.delete()
    publish(event)
    shift(other, 4)
    publish(event)
    back = PlacementFactory(schedule=draft, proposal=proposal, room=room)
    assert sequence(publish(event), back) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told_that_nothing_is_new(event, draft):
    PlacementFactory(schedule=draft)
    start = threading.Barrier(2)

    def work(_number):
        start.wait()
        try:
            return publishing.publish(event, by=None, changelog="", now=NOW).version
        except Unchanged:
            return "unchanged"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(work, range(2))) == {1, "unchanged"}


# --- Mails ----------------------------------------------------------------------------------


def tell(version):
    programme_news.tell(version.pk, now=NOW)


def publish_and_forget(event):
    """A version of which people have been told."""
    tell(publish(event))
    Email.objects.all().delete()


def mails():
    return {mail.to[0]: mail for mail in Email.objects.order_by("id")}


def test_publish_leaves_the_mails_to_the_worker(event, draft):
    PlacementFactory(schedule=draft)
    version = publish(event)
    (task,) = DBTaskResult.objects.all()
    assert task.task_path == "sessions.tasks.tell_of_programme"
    assert task.args_kwargs == {"args": [version.pk], "kwargs": {}}
    assert not Email.objects.exists()


def test_every_host_of_a_new_session_is_told_where_it_is(event, draft, saal, settings):
    place = PlacementFactory(schedule=draft, room=saal, proposal__pitch__title="Hoch & fax")
    owner = place.proposal.pitch.owner
    second = HostFactory(pitch=place.proposal.pitch, person__language="de").person
    HostFactory(pitch=place.proposal.pitch, state="invited")
    tell(publish(event))
    assert set(mails()) == {owner.email, second.email}
    mail = mails()[owner.email]
    assert mail.subject == "Your session in the programme of Next Economy Open"
    assert "“Hoch & fax”\nPlaced: Monday, Nov. 9, 2026, 10:00 to 10:45, Saal\n" in mail.message
    assert f"http://testserver{place.proposal.get_absolute_url()}\n" in mail.message
    german = mails()[second.email]
    assert german.subject == "Deine Session im Programm von Next Economy Open"
    assert "„Hoch & fax“\nPlatz: Montag, 9. November 2026, 10:00 bis 10:45 Uhr, Saal\n" in (
        german.message
    )


def test_host_of_a_moved_session_reads_the_place_before(event, draft, saal):
    place = PlacementFactory(schedule=draft, room=saal)
    PlacementFactory(schedule=draft)
    publish_and_forget(event)
    shift(place, 2, room=RoomFactory(event=event, name="Galerie"))
    tell(publish(event))
    (mail,) = mails().values()
    assert mail.to == [place.proposal.pitch.owner.email]
    assert (
        "Moved: now Monday, Nov. 9, 2026, 11:00 to 11:45, Galerie\n"
        "Before: Monday, Nov. 9, 2026, 10:00, Saal\n"
    ) in mail.message


def test_host_of_a_removed_session_is_told(event, draft, saal):
    place = PlacementFactory(schedule=draft, room=saal)
    publish_and_forget(event)
    place.delete()
    tell(publish(event))
    assert "Not in the programme any more (before: Monday, Nov. 9, 2026, 10:00, Saal)" in (
        mails()[place.proposal.pitch.owner.email].message
    )


@pytest.mark.parametrize(
    ("verb", "heard"), [(decisions.cancel, {"host", "guest"}), (decisions.withdraw, {"guest"})]
)
def test_of_a_session_that_ends_everybody_hears_at_once_and_never_again(event, draft, verb, heard):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    place = PlacementFactory(schedule=draft, during=(tomorrow, tomorrow + dt.timedelta(hours=1)))
    PlacementFactory(schedule=draft)
    guest = InterestFactory(proposal=place.proposal, user=UserFactory(confirmed=True)).user
    InterestFactory(proposal=place.proposal, anonymous=True)
    publish_and_forget(event)
    for _again in range(2):
        verb(place.proposal, by=UserFactory())
    names = {place.proposal.pitch.owner.email: "host", guest.email: "guest"}
    assert {names[email] for email in mails()} == heard
    assert Email.objects.count() == len(heard)
    mail = mails()[guest.email]
    assert mail.subject == f"Cancelled: {place.proposal.heading}"
    assert "does not take place" in mail.message
    assert mail.headers["List-Unsubscribe"].strip("<>") in mail.message
    Email.objects.all().delete()
    place.delete()
    tell(publish(event))
    assert mails() == {}


def test_nobody_waits_for_what_is_over_or_has_no_public_place(event, draft):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    over = PlacementFactory(schedule=draft).proposal
    publish_and_forget(event)
    drafted = PlacementFactory(schedule=draft, during=(tomorrow, tomorrow + dt.timedelta(hours=1)))
    for proposal in (over, drafted.proposal):
        InterestFactory(proposal=proposal, user=UserFactory(confirmed=True))
        decisions.withdraw(proposal, by=UserFactory())
    assert mails() == {}


def test_host_of_several_sessions_gets_one_mail(event, draft):
    host = UserFactory()
    for number in (1, 2):
        PlacementFactory(schedule=draft, proposal__pitch__owner=host, during=during(hour(number)))
    tell(publish(event))
    (mail,) = Email.objects.all()
    assert mail.subject == "Your 2 sessions in the programme of Next Economy Open"
    assert mail.message.count("Placed:") == 2


def test_hosts_are_told_once_when_the_task_runs_twice(event, draft):
    PlacementFactory(schedule=draft)
    version = publish(event)
    tell(version)
    tell(version)
    assert Email.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_telling_costs_the_same_queries_however_many_are_told(
    event, draft, django_assert_num_queries, number
):
    for _ in range(number):
        PlacementFactory(schedule=draft)
    version = publish(event)
    with django_assert_num_queries(11 + 2 * number):  # a row of the queue, one of the outbox
        tell(version)
    assert Email.objects.count() == number


@pytest.mark.parametrize(
    ("state", "verb", "subject"),
    [
        ("open", decisions.accept, "Angenommen: Brot"),
        ("open", decisions.waitlist, "Auf der Warteliste: Brot"),
        ("open", decisions.decline, "Nicht im Programm: Brot"),
        ("accepted", decisions.cancel, "Abgesagt: Brot"),
    ],
)
def test_decision_is_mailed_in_the_language_of_the_host(event, state, verb, subject):
    host = UserFactory(language="de", profile__name="Jörg Müßig", confirmed=True)
    proposal = ProposalFactory(
        pitch__event=event, pitch__owner=host, pitch__title="Brot", state=state
    )
    verb(proposal, by=UserFactory())
    (mail,) = Email.objects.all()
    assert mail.subject == subject
    assert mail.message.startswith("Hallo Jörg Müßig,\n\n")
    assert f"http://testserver{proposal.get_absolute_url()}" in mail.message
    assert "Next Economy Open\nhttp://testserver/neo/" in mail.message
    assert timezone.get_current_timezone_name() == "Europe/Berlin"
