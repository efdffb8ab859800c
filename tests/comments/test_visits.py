"""Since when comments are new to a member."""

import datetime as dt
import re

import pytest
from django.utils import timezone, translation

from comments import visits
from comments.models import Visit
from tests.factories import CommentFactory, PitchFactory, UserFactory
from tests.factories.program import NOW

pytestmark = pytest.mark.django_db


def minutes(number):
    return NOW + dt.timedelta(minutes=number)


@pytest.fixture
def visit():
    pitch, aylin = PitchFactory(), UserFactory()
    return lambda number: visits.record(pitch, user=aylin, now=minutes(number))


def test_nothing_is_new_on_the_first_visit(visit):
    assert visit(0) is None
    assert visit(29) is None


def test_a_later_visit_begins_where_the_last_one_ended(visit):
    visit(0)
    visit(20)

    assert visit(50) == minutes(20)


def test_looking_again_within_half_an_hour_is_the_same_visit(visit):
    visit(0)

    assert [visit(60), visit(80), visit(109)] == [minutes(0)] * 3
    assert visit(139) == minutes(109)


def test_a_clock_that_goes_back_takes_nothing_away(visit):
    visit(0)
    visit(60)

    assert visit(50) == minutes(0)
    assert Visit.objects.get().latest == minutes(60)


def test_each_pitch_and_each_person_has_visits_of_their_own():
    pitch, aylin = PitchFactory(), UserFactory()
    visits.record(pitch, user=aylin, now=minutes(0))

    assert visits.record(pitch, user=UserFactory(), now=minutes(60)) is None
    assert visits.record(PitchFactory(), user=aylin, now=minutes(60)) is None
    assert visits.record(pitch, user=aylin, now=minutes(60)) == minutes(0)


def test_a_visit_costs_one_query(visit, django_assert_num_queries):
    for number in (0, 10, 60):
        with django_assert_num_queries(1):
            visit(number)


@pytest.mark.parametrize(
    ("language", "count", "said", "mark"),
    [
        ("en", 1, "1 new since your last visit", "new"),
        ("en", 12, "12 new since your last visit", "new"),
        ("de", 1, "1 neuer seit deinem letzten Besuch", "neu"),
        ("de", 12, "12 neue seit deinem letzten Besuch", "neu"),
    ],
)
def test_members_read_how_much_is_new_and_can_jump_there(discussion, language, count, said, mark):
    old = CommentFactory(published_at=timezone.now() - dt.timedelta(days=2))
    aylin = UserFactory()
    visits.record(old.pitch, user=aylin, now=timezone.now() - dt.timedelta(days=1))
    new = CommentFactory.create_batch(count, parent=old)

    with translation.override(language):
        html = discussion(old.pitch, user=aylin)

    (link,) = re.findall(rf'<a class="button" href="(.*?)">.*?{said}</a>', html)
    assert link == f"#comment-{new[0].pk}"
    assert html.count(f'<span class="chip">{mark}</span>') == count
    assert "fold" not in html or '<details class="fold" open>' in html


def test_guests_are_told_nothing_of_visits(discussion):
    pitch = CommentFactory().pitch

    assert "last visit" not in discussion(pitch)
    assert not Visit.objects.exists()
