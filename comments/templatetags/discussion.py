from django import template
from django.utils import timezone

from comments import pages

register = template.Library()


@register.inclusion_tag("comments/_discussion.html", takes_context=True)
def discussion(context, pitch):
    """The comments below a pitch and the form for a new one; needs ``pitch.event`` loaded.

    One query, and one for the likes of a log-in, when hosts and proposals are prefetched.
    """
    return pages.discussion(context["request"], pitch, now=timezone.now())


@register.filter
def of(mapping, key):
    """``sessions|of:comment.proposal_id``: the value under a key that is itself a variable."""
    return mapping.get(key)
