from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.html import format_html_join

from comments import pages, threads
from comments.readers import Reader

register = template.Library()


@register.simple_tag(takes_context=True)
def discussion_links(context, pitch):
    """For the head of a page that shows the discussion, too: what comes before and after."""
    thread = _discussion(context, pitch)["thread"]
    address = pitch.get_absolute_url()
    steps = [("prev", thread.previous), ("next", thread.next)]
    return format_html_join(
        "\n",
        '<link rel="{}" href="{}">',
        [
            (relation, f"{address}?{query}" if query else address)
            for relation, query in steps
            if query is not None
        ],
    )


@register.inclusion_tag("comments/_discussion.html", takes_context=True)
def discussion(context, pitch):
    """The comments below a pitch and the form for a new one; needs ``pitch.event`` loaded.

    See :func:`comments.pages.discussion` for what it asks.
    """
    return _discussion(context, pitch)


@register.inclusion_tag("comments/_brief.html")
def discussion_in_brief(pitch):
    """The comments below a pitch as its moderators read them, without forms.

    Needs ``pitch.event`` and the hosts loaded; one query, three above ``paging.WHOLE`` comments.
    """
    reader = Reader(user=AnonymousUser(), moderates=True)
    thread = threads.load(pitch, reader, now=timezone.now())
    return {
        "event": pitch.event,
        "pitch": pitch,
        "thread": thread,
        "held_count": sum(entry.comment.is_held for entry in thread.entries),
        "host_ids": {host.person_id for host in pitch.hosts.all()},
        "moderates": True,
    }


def _discussion(context, pitch):
    """Read once, however many tags of a page show something of it."""
    key = (pages.discussion, pitch.pk)
    if key not in context.render_context:
        read = pages.discussion(context["request"], pitch, now=timezone.now())
        context.render_context[key] = read
    return context.render_context[key]


@register.filter
def of(mapping, key):
    """``sessions|of:comment.proposal_id``: the value under a key that is itself a variable."""
    return mapping.get(key)
