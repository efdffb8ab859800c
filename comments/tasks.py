"""Work for after the request: each task takes ids, reads anew, and may run twice."""

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from comments.mentions import verify

TRY_AGAIN_AFTER = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=15),
    dt.timedelta(hours=4),
)


@task(queue_name=settings.ELSEWHERE)
def check_mention(mention_id: int, attempt: int = 0) -> None:
    """Look at a source; tried again after a while when it does not answer."""
    now, is_last = timezone.now(), attempt >= len(TRY_AGAIN_AFTER)
    try:
        verify.check(mention_id, now=now, is_last=is_last)
    except verify.Later:
        again = check_mention.using(run_after=now + TRY_AGAIN_AFTER[attempt])
        again.enqueue(mention_id, attempt + 1)
