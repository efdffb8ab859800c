"""Who may see and do what with an event: small predicates, and the door of every event page."""

from django.http import Http404, HttpRequest
from django.utils import timezone, translation

from sessions.models import Event, Membership, Pitch
from speakers.models import Viewer


def enter(request: HttpRequest, event_slug: str) -> Event:
    """The event of a page, or 404 for whoever may not see it.

    Times are then shown in the event's zone, and its language is spoken unless the reader
    wished for another.
    """
    try:
        event = Event.objects.visible_to(request.user).get(slug=event_slug)
    except Event.DoesNotExist as error:
        raise Http404 from error
    timezone.activate(event.zone)
    if not request.language_wished:  # type: ignore[attr-defined]  # by ReaderLocaleMiddleware
        translation.activate(event.language)
        request.LANGUAGE_CODE = event.language
    return event


def organises(user: Viewer, event: Event) -> bool:
    """One query unless the user is anonymous or a superuser."""
    return _has_role(user, event, {Membership.Role.ORGANISER})


def moderates(user: Viewer, event: Event) -> bool:
    """Organisers moderate, too."""
    return _has_role(user, event, {Membership.Role.ORGANISER, Membership.Role.MODERATOR})


def hosts(user: Viewer, pitch: Pitch) -> bool:
    """Whether ``user`` leads the pitch, alone or with others; uses prefetched hosts."""
    return user.is_authenticated and any(host.person_id == user.pk for host in pitch.hosts.all())


def may_edit(user: Viewer, pitch: Pitch) -> bool:
    """Hosts, while the organisers have neither hidden it nor merged it into another."""
    return hosts(user, pitch) and pitch.state not in {Pitch.State.HIDDEN, Pitch.State.MERGED}


def may_comment(user: Viewer, event: Event) -> bool:
    """By the event's policy; an archived event takes no comments."""
    if event.state != Event.State.PUBLIC or event.comment_policy == Event.CommentPolicy.NOBODY:
        return False
    return user.is_authenticated or event.comment_policy == Event.CommentPolicy.EVERYONE


def _has_role(user: Viewer, event: Event, roles: set[str]) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or event.memberships.filter(user=user, role__in=roles).exists()
