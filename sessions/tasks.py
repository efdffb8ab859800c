"""Work for after the request: each task takes ids, reads anew, and may run twice."""

from django.utils import timezone
from django_tasks import task

from sessions import notifications


@task()
def tell_hosts_of_programme(schedule_id: int) -> None:
    notifications.programme_published(schedule_id, now=timezone.now())
