"""Background work: tasks, mail delivery, leases and tidying.

Any number of workers may run: tasks are claimed by row locks, and one worker at a time delivers
mail, behind an advisory lock of PostgreSQL.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from post_office.mail import get_queued, send_queued

from comments import upkeep as of_discussions
from comments.mentions import send
from sessions import upkeep as of_events
from speakers import accounts

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)  # longer than any task of ours takes
PAUSE_SECONDS = 1.0
PAUSE_AFTER_FAILURE_SECONDS = 5.0
TIDY_EVERY = dt.timedelta(hours=24)
KEEP_MAIL_DAYS = 30
MAIL_LOCK = 0x5354454C  # any number that only this lock uses


def run_tasks(queue: str = DEFAULT_TASK_QUEUE_NAME) -> None:
    """Run the tasks of a queue that are due, one after the other, until none is left."""
    Worker(
        queue_names=[queue],
        interval=0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    ).run()


def reap(now: dt.datetime) -> int:
    """Put back the tasks of killed workers: those that run for longer than ``LEASE``."""
    return (
        DBTaskResult.objects.running()
        .filter(started_at__lt=now - LEASE)
        .update(status=TaskResultStatus.READY, started_at=None)
    )


def deliver() -> None:
    """Deliver the mails that are due, unless another worker is at it.

    A failed delivery is tried again later by post_office and stops nothing here.
    """
    if not get_queued().exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [MAIL_LOCK])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        return
    try:
        while get_queued().exists():
            send_queued(processes=1)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MAIL_LOCK])


def tell() -> None:
    """Tell one page elsewhere that a pitch links to it, if one is to be told.

    It asks other people's servers, so it has a thread of its own; the pause between two rounds is
    what a single host can expect of us.
    """
    send.next_one(timezone.now())


def look() -> None:
    """Look at pages elsewhere that say they link here; they may be slow, too."""
    run_tasks(settings.ELSEWHERE)


def tidy(now: dt.datetime) -> None:
    """Delete what nobody needs any more: old sessions, results, mails, accounts never confirmed."""
    call_command("clearsessions")
    call_command("prune_db_task_results", verbosity=0)
    call_command("cleanup_mail", days=KEEP_MAIL_DAYS, delete_attachments=True, verbosity=0)
    accounts.tidy_unconfirmed(now)
    of_discussions.every_day(now)


class Loop:
    """Tasks in one thread, mail and mentions in others, so that no slow server holds up a task.

    If one ends by an error that nobody foresaw, all end, and whoever started the worker sees it.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._tidied_at: dt.datetime | None = None

    def stop(self, *_signal: Any) -> None:
        """Finish what is under way, then end; fit to be a signal handler."""
        self.stopping.set()

    def run(self) -> None:
        others = [
            threading.Thread(target=self._repeat, args=(step,), name=step.__name__)
            for step in (deliver, tell, look)
        ]
        for thread in others:
            thread.start()
        try:
            self._repeat(self._work)
        finally:
            for thread in others:
                thread.join()

    def _work(self) -> None:
        run_tasks()
        now = timezone.now()
        of_events.every_round(now)
        of_discussions.every_round(now)
        if reaped := reap(now):
            logger.warning("%d tasks of a lost worker were put back", reaped)
        if self._tidied_at is None or now - self._tidied_at > TIDY_EVERY:
            self._tidied_at = now
            tidy(now)

    def _repeat(self, step: Callable[[], None]) -> None:
        pause = PAUSE_SECONDS
        try:
            while not self.stopping.wait(pause):
                try:
                    close_old_connections()
                    step()
                    pause = PAUSE_SECONDS
                except (OperationalError, InterfaceError) as error:
                    logger.warning("the database does not answer: %s", error)
                    pause = PAUSE_AFTER_FAILURE_SECONDS
        finally:
            self.stopping.set()
            connection.close()
