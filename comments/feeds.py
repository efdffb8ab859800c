"""The newest comments of a pitch or of an event as an Atom feed: published ones only."""

from django.urls import reverse
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.models.comment import CommentQuerySet
from config.lib import atom
from sessions.models import Event, Pitch


def of_pitch(pitch: Pitch) -> atom.Feed:
    """One query; ``pitch.event`` must be loaded."""
    event = pitch.event
    feed = atom.Feed(
        tag=atom.tag(f"pitch/{pitch.code}/comments", pitch.created_at),
        title=_("Comments on “%(title)s”") % {"title": pitch.title},
        page=pitch.get_absolute_url(),
        path=reverse("comments:pitch_feed", args=[event.slug, pitch.code]),
        author=event.name,
        since=pitch.published_at or pitch.created_at,
    )
    for comment in _newest(pitch.comments.all()):
        comment.pitch = pitch
        _add(feed, comment)
    return feed


def of_event(event: Event) -> atom.Feed:
    """One query."""
    feed = atom.Feed(
        tag=atom.tag(f"event/{event.pk}/comments", event.created_at),
        title=_("Comments at %(event)s") % {"event": event.name},
        page=event.get_absolute_url(),
        path=reverse("comments:event_feed", args=[event.slug]),
        author=event.name,
        since=event.created_at,
    )
    below = Comment.objects.filter(pitch__in=event.pitches.public()).select_related("pitch")
    for comment in _newest(below):
        comment.pitch.event = event
        _add(feed, comment)
    return feed


def _newest(comments: CommentQuerySet) -> CommentQuerySet:
    return comments.published().with_authors().newest_first()[: atom.SIZE]


def _add(feed: atom.Feed, comment: Comment) -> None:
    name = comment.written_as
    feed.add(
        tag=atom.tag(f"comment/{comment.pk}", comment.created_at),
        title=_("%(name)s on “%(title)s”") % {"name": name, "title": comment.pitch.title},
        page=comment.get_absolute_url(),
        html=comment.body_html,
        authors=[name],
        published_at=comment.published_at or comment.created_at,
        updated_at=comment.edited_at,
    )
