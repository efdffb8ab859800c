"""Who takes part in no discussion of an event any more."""

import uuid

from comments.models import Ban
from sessions.models import Event
from speakers.models import Viewer


def holds(
    event: Event, *, user: Viewer | None = None, visitor: uuid.UUID | None = None, email: str = ""
) -> bool:
    """Whether a ban meets an account, a browser or an address; one query."""
    return Ban.objects.filter(event=event).meeting(user=user, visitor=visitor, email=email).exists()
