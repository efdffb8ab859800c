"""A new event from an old one, its discussion's rules included."""

from typing import Any

from django.db import transaction

from comments.models import Rules
from sessions import copying
from sessions.models import Event


@transaction.atomic
def copied(event: Event, **new: Any) -> Event:
    """As :func:`sessions.copying.copied`; without rules of its own the old one has the defaults,
    and so has the new one. Bans stay where they were spoken.
    """
    copy = copying.copied(event, **new)
    if rules := Rules.objects.filter(event=event).first():
        rules.event = copy
        rules.save(force_insert=True)
    return copy
