"""The sliding window, and that it is exact over several processes."""

import datetime as dt
import multiprocessing
import uuid

import pytest
from django.db import connection

from comments import posting, rates, upkeep
from comments.models import Attempt, Comment
from comments.rates import Limit
from comments.writers import Guest, Writer
from sessions.models import Pitch
from tests.factories import PitchFactory, UserFactory
from tests.factories.program import NOW

SECOND = dt.timedelta(seconds=1)
THREE = Limit("try", "Hanna", 3, within=10 * SECOND)
WORKERS = 4


def is_free(*limits, at):
    try:
        rates.consume(*limits, now=NOW + at * SECOND)
    except rates.TooMany:
        return False
    return True


@pytest.mark.django_db
def test_a_window_slides_with_its_oldest_use():
    assert [is_free(THREE, at=at) for at in (0, 4, 5, 9.9)] == [True, True, True, False]

    with pytest.raises(rates.TooMany) as error:
        rates.consume(THREE, now=NOW + 9.2 * SECOND)
    assert error.value.seconds == 1

    assert [is_free(THREE, at=at) for at in (10, 13.9, 14)] == [True, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize(("within", "words"), [(60, "1 minute."), (61, "2 minutes."), (1, "1 ")])
def test_the_wait_is_told_in_minutes_rounded_up(within, words):
    limit = Limit("try", "Hanna", 1, within=within * SECOND)
    rates.consume(limit, now=NOW)

    with pytest.raises(rates.TooMany) as error:
        rates.consume(limit, now=NOW)

    assert error.value.seconds == within
    assert f"Please wait {words}" in str(error.value)


@pytest.mark.django_db
def test_several_limits_are_used_together_or_not_at_all_and_the_longest_wait_counts():
    hall = Limit("try", "hall", 1, within=30 * SECOND)
    assert is_free(hall, at=0)
    for at in range(3):
        assert is_free(THREE, at=at)

    with pytest.raises(rates.TooMany) as error:
        rates.consume(THREE, hall, now=NOW + 5 * SECOND)

    assert error.value.seconds == 25
    assert Attempt.objects.count() == 4
    assert is_free(Limit("try", "Ida", 3), at=5)
    assert is_free(Limit("other", "Hanna", 3), at=5)


@pytest.mark.django_db
def test_nobody_can_be_read_from_an_attempt_and_none_is_kept_for_long(settings):
    limit = Limit("comment of guests", "192.0.2.0/24", 60)
    rates.consume(limit, now=NOW)
    key = Attempt.objects.get().key
    assert len(key) == 43
    assert "192" not in key

    settings.SECRET_KEY = "another"
    assert limit.key != key

    upkeep.every_day(NOW + dt.timedelta(hours=23))
    assert Attempt.objects.exists()
    upkeep.every_day(NOW + dt.timedelta(hours=24))
    assert not Attempt.objects.exists()


@pytest.mark.django_db
def test_guests_of_a_hall_have_more_together_than_each_of_them():
    guests = [Writer(None, Guest(name="Hanna", visitor=uuid.uuid4())) for _ten in range(10)]
    new = Writer(None, Guest(name="Ida"))
    net, other = "192.0.2.0/24", "198.51.100.0/24"

    for guest in guests[:5]:
        assert all(is_free(*guest.limits(net), at=0) for _ten in range(10))
        assert not is_free(*guest.limits(net), at=0)
    assert all(is_free(*new.limits(net), at=0) for _ten in range(10))

    assert not is_free(*guests[5].limits(net), at=0)
    assert is_free(*guests[5].limits(other), at=0)
    assert not is_free(*guests[0].limits(other), at=0)  # wherever a browser goes
    assert is_free(*Writer(UserFactory(), Guest(name="")).limits(net), at=0)


def work(worker, ready, answers, pitch):
    """One process of the site: five comments below a pitch of its own, as quickly as it can."""
    pitch = Pitch.objects.get(pk=pitch)
    ready.wait(20)
    for number in range(5):
        guest = Guest(name=f"Guest {number} of {worker}")
        try:
            posting.post(pitch, guest=guest, body="Hello", now=NOW + number * SECOND)
            answers.put("taken")
        except rates.TooMany as error:
            answers.put(error.seconds)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_ten_of_twenty_comments_pass_when_four_workers_take_them_at_once():
    """New visitors of one net, whom nothing else keeps apart."""
    pitches = [pitch.pk for pitch in PitchFactory.create_batch(WORKERS)]
    processes = multiprocessing.get_context("fork")
    ready, answers = processes.Barrier(WORKERS), processes.SimpleQueue()
    connection.close()  # each process opens one of its own
    workers = [
        processes.Process(target=work, args=(worker, ready, answers, pitch))
        for worker, pitch in enumerate(pitches)
    ]
    for worker in workers:
        worker.start()
    told = [answers.get() for _answer in range(WORKERS * 5)]
    for worker in workers:
        worker.join(20)

    refused = [answer for answer in told if answer != "taken"]
    assert len(refused) == 10
    assert all(55 <= seconds <= 60 for seconds in refused)
    assert Comment.objects.count() == 10
