"""A copy of an event has its grid, words and rules, on other days, and nobody's data."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from comments import copying as whole
from comments.models import Rules
from sessions import copying
from sessions.copying import Shift
from sessions.models import Event, MailTemplate, Slot
from tests.factories import (
    EventFactory,
    InterestFactory,
    MembershipFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OWN = {"name", "slug", "starts_on", "ends_on", "pitching_opens_at", "pitching_closes_at", "state"}
FRESH = {"id", "live", "version", "changed_at", "created_at"}


@pytest.fixture
def event():
    return EventFactory(
        slug="neo26",
        about="Words.",
        pitching_closes_at=dt.datetime(2026, 11, 1, 22, 59, tzinfo=dt.UTC),  # 23:59 in Bonn
    )


def copied(event, starts_on=dt.date(2027, 6, 7), **fields):
    fields = {"name": "Next Year", "slug": "neo27", "by": UserFactory(), **fields}
    return copying.copied(event, starts_on=starts_on, **fields)


def test_every_field_of_an_event_is_kept_or_new():
    names = {field.name for field in Event._meta.concrete_fields}
    assert names == OWN | FRESH | set(copying.KEPT)


def test_copy_is_a_draft_on_its_own_days(event):
    copy = copied(event)
    copy.refresh_from_db()
    assert (copy.name, copy.slug, copy.state, copy.about) == (
        "Next Year",
        "neo27",
        "draft",
        "Words.",
    )
    assert (copy.starts_on, copy.ends_on) == (dt.date(2027, 6, 7), dt.date(2027, 6, 8))
    event.refresh_from_db()
    assert (event.slug, event.state) == ("neo26", "public")


def test_ten_o_clock_stays_ten_o_clock_across_the_change_of_clocks(event):
    ten = dt.datetime(2026, 11, 9, 9, 0, tzinfo=dt.UTC)  # winter in Bonn
    Slot.objects.create(
        event=event,
        starts_at=ten,
        ends_at=ten + dt.timedelta(minutes=45),
        kind="break",
        title="Tea",
    )
    copy = copied(event)
    slot = copy.slots.get()
    local = slot.starts_at.astimezone(copy.zone)
    assert (local.date(), local.time()) == (dt.date(2027, 6, 7), dt.time(10))
    assert slot.starts_at.hour == 8  # UTC
    assert (slot.ends_at - slot.starts_at, slot.kind, slot.title) == (
        dt.timedelta(minutes=45),
        "break",
        "Tea",
    )
    assert copy.pitching_closes_at.astimezone(copy.zone).time() == dt.time(23, 59)


def test_time_that_clocks_skip_comes_an_hour_later(event):
    shift = Shift(dt.date(2027, 3, 28) - dt.date(2026, 11, 9), event.zone)
    half_past_two = dt.datetime(2026, 11, 9, 1, 30, tzinfo=dt.UTC)
    assert shift.of(half_past_two).astimezone(event.zone).time() == dt.time(3, 30)


def test_rooms_and_mail_templates_come_along(event):
    RoomFactory(event=event, name="Saal", capacity=120, features=["Beamer"], position=4)
    words = MailTemplate.objects.create(
        event=event, kind="accepted", language="de", subject="Ja", body="Komm."
    )
    copy = copied(event)
    assert list(copy.rooms.values_list("name", "slug", "capacity", "features", "position")) == [
        ("Saal", "saal", 120, ["Beamer"], 4)
    ]
    assert list(copy.mail_templates.values_list("kind", "language", "subject", "body")) == [
        ("accepted", "de", "Ja", "Komm.")
    ]
    assert event.rooms.count() == 1
    assert event.mail_templates.get() == words


def test_nothing_personal_is_copied(event):
    InterestFactory(proposal=ProposalFactory(pitch__event=event))
    ScheduleFactory(event=event, version=1)
    copy = copied(event)
    for name in ("pitches", "schedules", "moves", "log", "unavailabilities", "announcements"):
        assert not getattr(copy, name).exists()


def test_whoever_copies_organises_alone_or_with_the_team(event):
    moderator = MembershipFactory(event=event, role="moderator").user
    someone = MembershipFactory(event=event, role="moderator", user__is_staff=False).user
    alone = copied(event, by=someone)
    assert list(alone.memberships.values_list("user", "role")) == [(someone.pk, "organiser")]
    someone.refresh_from_db()
    assert someone.is_staff
    together = copied(event, by=someone, slug="neo28", with_team=True)
    assert set(together.memberships.values_list("user", "role")) == {
        (someone.pk, "organiser"),
        (moderator.pk, "moderator"),
    }


@pytest.mark.parametrize(("slug", "field"), [("neo26", "slug"), ("admin", "slug"), ("", "slug")])
def test_copy_is_refused_at_an_address_that_is_taken(event, slug, field):
    with pytest.raises(ValidationError) as refused:
        copied(event, slug=slug)
    assert field in refused.value.error_dict
    assert Event.objects.count() == 1


def test_rules_of_the_discussion_come_along(event):
    Rules.objects.create(event=event, words="casino", links_to_hold=7)
    new = {"starts_on": dt.date(2027, 6, 7), "by": UserFactory()}
    copy = whole.copied(event, name="A", slug="a", **new)
    assert (Rules.of(copy).words, Rules.of(copy).links_to_hold) == ("casino", 7)
    assert Rules.objects.filter(event=event).exists()
    without = whole.copied(EventFactory(), name="B", slug="b", **new)
    assert not Rules.objects.filter(event=without).exists()
