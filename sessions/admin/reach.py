"""Which events a member of staff reaches in the desk, and in which role."""

from dataclasses import dataclass

from django.http import HttpRequest

from sessions.access import Viewer
from sessions.models import Event, Membership


@dataclass(frozen=True)
class Reach:
    """The events of one person by role; ``everything`` for superusers.

    Whoever organises an event moderates it, too.
    """

    everything: bool
    organised: frozenset[int]
    moderated: frozenset[int]

    def __bool__(self) -> bool:
        return self.everything or bool(self.moderated)

    def events(self, *, moderating: bool = False) -> frozenset[int]:
        return self.moderated if moderating else self.organised

    def is_any(self, *, moderating: bool = False) -> bool:
        return self.everything or bool(self.events(moderating=moderating))

    def covers(self, event_id: int, *, moderating: bool = False) -> bool:
        return self.everything or event_id in self.events(moderating=moderating)

    def of_events(self, *, moderating: bool = False):
        """The events themselves, the next ones last."""
        events = Event.objects.chronological()
        if self.everything:
            return events
        return events.filter(pk__in=self.events(moderating=moderating))


def reach_of(user: Viewer) -> Reach:
    """One query, none for superusers and for whoever is not of the staff."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return Reach(everything=False, organised=frozenset(), moderated=frozenset())
    if user.is_superuser:
        return Reach(everything=True, organised=frozenset(), moderated=frozenset())
    roles = dict(user.memberships.values_list("event", "role"))
    organised = {event for event, role in roles.items() if role == Membership.Role.ORGANISER}
    return Reach(everything=False, organised=frozenset(organised), moderated=frozenset(roles))


def reach(request: HttpRequest) -> Reach:
    """:func:`reach_of` the request's user, asked once per request."""
    if not hasattr(request, "_desk_reach"):
        request._desk_reach = reach_of(request.user)
    return request._desk_reach
