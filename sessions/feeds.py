"""The newest pitches of an event as an Atom feed."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from config.lib import atom
from config.lib.text import render_markdown
from sessions.models import Event, Pitch, Proposal


def pitches(event: Event) -> atom.Feed:
    """Public ones only; three queries."""
    feed = atom.Feed(
        tag=atom.tag(f"event/{event.pk}/pitches", event.created_at),
        title=_("Pitches at %(event)s") % {"event": event.name},
        page=reverse("program:wall", args=[event.slug]),
        path=reverse("program:pitches_feed", args=[event.slug]),
        author=event.name,
        since=event.created_at,
    )
    newest = event.pitches.public().order_by("-published_at", "-pk")
    for pitch in newest.with_hosts().with_proposals()[: atom.SIZE]:
        pitch.event = event
        feed.add(
            tag=atom.tag(f"pitch/{pitch.code}", pitch.created_at),
            title=pitch.title,
            page=pitch.get_absolute_url(),
            html=_html(pitch),
            authors=_authors(pitch),
            published_at=pitch.published_at or pitch.created_at,
            updated_at=pitch.updated_at,
            language=pitch.language,
        )
    return feed


def _authors(pitch: Pitch) -> list[str]:
    names = [host.person.profile.name for host in pitch.hosts.all()]
    return names or [_("Somebody without an account")]


def _html(pitch: Pitch) -> str:
    """What hangs on the wall: the pitch and its sessions."""
    sessions = (
        (proposal.title, render_markdown(proposal.abstract))
        for proposal in pitch.proposals.all()
        if proposal.state not in Proposal.GONE
    )
    said = format_html_join("", "<h3>{}</h3>{}", (item for item in sessions if any(item)))
    return format_html("{}{}", render_markdown(pitch.body), said)
