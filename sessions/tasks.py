"""Work for after the request: each task takes ids, reads anew, and may run twice."""

from django.utils import timezone
from django_tasks import task

from sessions import notifications


@task()
def tell_hosts_of_programme(schedule_id: int) -> None:
    notifications.programme_published(schedule_id, now=timezone.now())


@task()
def make_plan(draft_id: int) -> None:
    from sessions.scheduling import planning  # it enqueues this

    planning.make(draft_id, now=timezone.now())
