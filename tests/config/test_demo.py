"""The demo is what a new organiser sees first: whole, plausible, the same at every load."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from comments.models import Comment
from config import demo
from sessions.models import Event, Interest, Pitch, Placement, Preparation, Schedule, Vote
from speakers.models import User
from tests.factories import EventFactory

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def test_demo_shows_three_events_with_everything_in_them():
    demo.load(NOW)
    past, today, coming = Event.objects.chronological()
    assert (past.slug, past.starts_on, past.ends_on) == (
        "neo15",
        dt.date(2015, 11, 9),
        dt.date(2015, 11, 10),
    )
    assert today.is_today(NOW)
    assert not coming.has_begun(NOW)
    assert coming.takes_pitches(NOW)
    assert Pitch.objects.count() == 60
    assert User.objects.count() == 82  # 80 people, an organiser, a moderator
    assert 200 < Interest.objects.count() < 900
    assert max(Comment.objects.values_list("depth", flat=True)) == 7  # eight levels
    assert Comment.objects.filter(created_at__gt=NOW).count() == 0
    assert {vote.proposal.pitch.event for vote in Vote.objects.all()} == {coming}
    assert set(Vote.objects.values_list("value", flat=True)) == {-1, 0, 1}
    assert Preparation.objects.count() == 3
    versions = Schedule.objects.published().filter(event=today).values_list("version", flat=True)
    assert list(versions) == [2, 1]
    assert Placement.objects.filter(schedule__event=today, schedule__version=2).count() == 20


def test_demo_is_refused_when_there_are_events():
    EventFactory()
    with pytest.raises(CommandError, match="needs an empty database"):
        call_command("demo", verbosity=0)
