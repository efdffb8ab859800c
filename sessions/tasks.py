"""Work for after the request: each task takes ids, reads anew, and may run twice."""

from django.utils import timezone
from django_tasks import task

from sessions import programme_news


@task()
def tell_of_programme(schedule_id: int) -> None:
    programme_news.tell(schedule_id, now=timezone.now())


@task()
def make_plan(draft_id: int) -> None:
    from sessions.scheduling import planning  # it enqueues this

    planning.make(draft_id, now=timezone.now())
