"""What the pages of people, which know nothing of pitches, show of theirs."""

from django import template

from sessions.models import Event, Pitch
from speakers.models import User

register = template.Library()

PITCHES_OF_PERSON = 50


@register.inclusion_tag("sessions/_pitches_of.html", takes_context=True)
def pitches_of(context, person: User):
    """The newest public pitches of a person in all public events; one query."""
    pitches = (
        Pitch.objects.public()
        .hosted_by(person)
        .filter(event__in=Event.objects.public())
        .select_related("event")
        .order_by("-published_at")[:PITCHES_OF_PERSON]
    )
    return {"pitches": pitches, "LANGUAGE_CODE": context.get("LANGUAGE_CODE")}
