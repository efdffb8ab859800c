"""The draft of an event, which every move and every publication holds while it works."""

from sessions.models import Event, Schedule


def lock_draft(event: Event) -> Schedule:
    """The draft of an event, made if there is none and locked until the transaction ends.

    Its ``event`` is read anew.
    """
    Schedule.objects.get_or_create(event=event, version=None)
    # No key is touched: placements may refer to the row while it is locked.
    drafts = Schedule.objects.drafts().select_for_update(no_key=True, of=("self",))
    return drafts.select_related("event").get(event=event)
