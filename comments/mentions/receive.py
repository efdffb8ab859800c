"""Somebody says that a page elsewhere links to a pitch: taken at once, looked at by the worker.

What is answered at once follows from the two addresses and from what everybody can see of the
pitch. Nothing else is told, so that nobody learns by asking what our network can reach.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments import closures, rates, tasks
from comments.mentions import records, targets
from comments.mentions.records import Protocol
from comments.models import Mention, Rules
from comments.models.mention import URL_MAX_LENGTH
from config.lib import addresses
from sessions.models import Event, Pitch

MOST_A_MINUTE = 30  # from one net; a service may send for many blogs
MOST_OF_ONE_SITE = 60  # a minute, from anywhere, so that nobody makes us flood it


class NotTaken(Exception):
    """``str()`` is fit to be shown to whoever sent it."""

    message = _("This pitch takes no mentions.")

    def __str__(self) -> str:
        return str(self.message)


class NoSource(NotTaken):
    message = _("The source is not a web address.")


class SameAddress(NotTaken):
    message = _("Source and target are the same page.")


@dataclass(frozen=True, slots=True)
class Received:
    """``is_new`` is false when this source was named for this pitch before."""

    mention: Mention
    is_new: bool


def receive(
    source: str, target: str, *, protocol: Protocol, net: str, now: dt.datetime
) -> Received:
    """Note that ``source`` is to be looked at; ``net`` is where the request comes from.

    Raises :class:`NotTaken`, :class:`targets.NotATarget`, :class:`rates.TooMany`.
    """
    url = _source(source)
    meant = targets.read(target)
    if _is_same_page(url, meant):
        raise SameAddress
    rates.consume(
        rates.Limit("mention", net, MOST_A_MINUTE),
        rates.Limit("mention of", records.domain_of(url), MOST_OF_ONE_SITE),
        now=now,
    )
    pitch = targets.find(target)
    if targets.Target.of(pitch).is_meant_by(url):
        raise SameAddress
    with transaction.atomic():
        if not _takes_mentions(pitch) and not pitch.mentions.filter(source=url).exists():
            raise NotTaken
        mention, is_new = records.received(pitch, url, target=target, protocol=protocol, now=now)
        if mention.state != Mention.State.REJECTED:
            tasks.check_mention.enqueue(mention.pk)
    return Received(mention, is_new)


@transaction.atomic
def again(mention: Mention, *, now: dt.datetime) -> bool:
    """Have a source looked at once more; not if it was rejected."""
    if is_due := records.told_again(mention, now=now):
        tasks.check_mention.enqueue(mention.pk)
    return is_due


def _source(url: str) -> str:
    """The address in one form, without its fragment: parts of a page are one mention."""
    try:
        url = addresses.take_apart(url).url
    except addresses.NotAllowed as error:
        raise NoSource from error
    if len(url) > URL_MAX_LENGTH:
        raise NoSource
    return url


def _is_same_page(source: str, target: targets.Named) -> bool:
    try:
        return targets.read(source) == target
    except targets.NotATarget:
        return False


def _takes_mentions(pitch: Pitch) -> bool:
    """Whether something new may come; what is known is looked at again in any case."""
    event = pitch.event
    if event.state != Event.State.PUBLIC or event.comment_policy == Event.CommentPolicy.NOBODY:
        return False
    return Rules.of(event).takes_mentions and not closures.of(pitch).whole
