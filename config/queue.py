"""Whether background work keeps up, for monitoring."""

import datetime as dt

from django_tasks_db.models import DBTaskResult
from post_office.models import STATUS, Email

PATIENCE = dt.timedelta(minutes=10)


def keeps_up(now: dt.datetime) -> bool:
    """No task and no mail has waited for longer than ``PATIENCE`` past its time; two queries.

    Mails of which a delivery failed wait for their next time and do not count.
    """
    late = now - PATIENCE
    tasks = DBTaskResult.objects.ready().filter(enqueued_at__lt=late)
    mails = Email.objects.filter(status=STATUS.queued, created__lt=late)
    return not tasks.exists() and not mails.exists()
