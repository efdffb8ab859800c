"""Who hears of a new comment. Rows of the mail queue, written in the caller's transaction."""

import datetime as dt

from django.conf import settings

from comments.models import Comment
from config.lib import mail
from config.lib.text import excerpt
from sessions.models import Host
from speakers.models import User

EXCERPT_LENGTH = 600


def published(comment: Comment, *, now: dt.datetime) -> None:
    """Tell the hosts, and the member who was answered; nobody of their own, nobody twice."""
    told = {comment.author_id}
    parent = comment.parent
    if parent is not None and parent.author is not None and parent.author_id not in told:
        told.add(parent.author_id)
        _tell(parent.author, "comments/new_reply", comment)
    hosts = Host.objects.accepted().filter(pitch=comment.pitch_id).exclude(person__in=told - {None})
    for host in hosts.select_related("person__profile"):
        _tell(host.person, "comments/new_comment", comment)


def _tell(person: User, template: str, comment: Comment) -> None:
    if not person.is_active:
        return
    mail.send(
        template,
        to=person.email,
        language=person.language,
        context={
            "person": person,
            "event": comment.pitch.event,
            "name": comment.written_as,
            "pitch": comment.pitch,
            "excerpt": excerpt(comment.body, EXCERPT_LENGTH),
            "url": settings.SITE_URL + comment.get_absolute_url(),
        },
    )
