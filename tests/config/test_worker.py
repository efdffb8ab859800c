"""The worker runs tasks, delivers mail, survives a dead mail server and a killed colleague."""

import datetime as dt
import threading

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from post_office import mail
from post_office.models import STATUS, Email

from config import queue, worker
from speakers import accounts
from speakers.models import User
from tests.factories import UserFactory

LOCMEM = {"BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"}}
DEAD = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "MAX_RETRIES": 4,
}
NOW = timezone.now()


def write(address: str = "aylin@example.org") -> Email:
    return mail.send([address], "regie@example.org", subject="Hello", message="A mail.")


def running_task(started_at) -> DBTaskResult:
    return DBTaskResult.objects.create(
        task_path="config.worker.tidy",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        queue_name="default",
        status=TaskResultStatus.RUNNING,
        started_at=started_at,
        exception_class_path="",
        traceback="",
    )


@pytest.mark.django_db
@override_settings(POST_OFFICE=LOCMEM)
def test_queued_mail_is_delivered():
    email = write()
    worker.deliver()
    email.refresh_from_db()
    assert [message.to for message in outbox.outbox] == [["aylin@example.org"]]
    assert email.status == STATUS.sent


@pytest.mark.django_db
@override_settings(POST_OFFICE=DEAD, EMAIL_HOST="127.0.0.1", EMAIL_PORT=9)
def test_mail_is_kept_for_later_when_the_mail_server_is_dead():
    email = write()
    worker.deliver()
    email.refresh_from_db()
    assert email.status == STATUS.requeued
    assert email.scheduled_time > timezone.now()


@pytest.mark.django_db(transaction=True)
@override_settings(POST_OFFICE=LOCMEM)
def test_mail_is_left_alone_while_another_worker_delivers():
    write()
    is_held, may_end = threading.Event(), threading.Event()

    def other_worker():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [worker.MAIL_LOCK])
            is_held.set()
            may_end.wait(10)
        connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    assert is_held.wait(10)
    worker.deliver()
    may_end.set()
    thread.join()
    assert outbox.outbox == []
    worker.deliver()
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
def test_the_task_of_a_killed_worker_goes_back_to_the_queue():
    lost = running_task(NOW - worker.LEASE - dt.timedelta(seconds=1))
    busy = running_task(NOW - dt.timedelta(minutes=1))
    assert worker.reap(NOW) == 1
    lost.refresh_from_db()
    busy.refresh_from_db()
    assert (lost.status, busy.status) == (TaskResultStatus.READY, TaskResultStatus.RUNNING)


@pytest.mark.django_db(transaction=True)
@override_settings(POST_OFFICE=LOCMEM)
def test_the_loop_works_until_it_is_stopped(monkeypatch):
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    write()
    loop = worker.Loop()
    thread = threading.Thread(target=loop.run)
    thread.start()
    delivered = threading.Event()
    for _ in range(500):
        if outbox.outbox or delivered.wait(0.02):
            break
    loop.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert len(outbox.outbox) == 1


@pytest.mark.django_db(transaction=True)
@override_settings(POST_OFFICE=LOCMEM)
def test_the_whole_loop_ends_by_an_error_that_nobody_foresaw(monkeypatch):
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "reap", lambda now: {}["unforeseen"])
    before = threading.active_count()
    loop = worker.Loop()
    with pytest.raises(KeyError):
        loop.run()
    assert loop.stopping.is_set()
    assert threading.active_count() == before


@pytest.mark.django_db
def test_old_mail_is_deleted():
    old, new = write("old@example.org"), write("new@example.org")
    long_ago = timezone.now() - dt.timedelta(days=worker.KEEP_MAIL_DAYS + 1)
    Email.objects.filter(pk=old.pk).update(created=long_ago, status=STATUS.sent)
    worker.tidy(timezone.now())
    assert list(Email.objects.all()) == [new]


@pytest.mark.django_db
def test_accounts_that_nobody_confirmed_are_deleted():
    by_hand = UserFactory(date_joined=NOW - dt.timedelta(days=3))
    accounts.create("begun@example.org", name="Bela", language="de")
    accounts.create("fresh@example.org", name="Caro", language="de")
    User.objects.filter(email="begun@example.org").update(date_joined=NOW - dt.timedelta(days=3))
    worker.tidy(NOW)
    assert set(User.objects.values_list("email", flat=True)) == {by_hand.email, "fresh@example.org"}


@pytest.mark.django_db
def test_the_loop_tidies_once_a_day(monkeypatch):
    tidied = []
    monkeypatch.setattr(worker, "run_tasks", lambda: None)
    monkeypatch.setattr(worker, "tidy", tidied.append)
    loop = worker.Loop()
    for hours in (0, 1, 25):
        monkeypatch.setattr(worker.timezone, "now", lambda at=hours: NOW + dt.timedelta(hours=at))
        loop._work()
    assert tidied == [NOW, NOW + dt.timedelta(hours=25)]


@pytest.mark.django_db
def test_the_queue_falls_behind_when_mail_waits_too_long():
    email = write()
    assert queue.keeps_up(timezone.now())
    late = timezone.now() - queue.PATIENCE - dt.timedelta(seconds=1)
    Email.objects.filter(pk=email.pk).update(created=late)
    assert not queue.keeps_up(timezone.now())
    Email.objects.filter(pk=email.pk).update(
        status=STATUS.requeued, scheduled_time=timezone.now() + dt.timedelta(minutes=15)
    )
    assert queue.keeps_up(timezone.now())
