from django.db import models
from django.utils.translation import gettext_lazy as _


class Filter(models.TextChoices):
    """Why a text was turned away or is held, in the order in which it is looked at.

    ``DUPLICATE`` and what stands from ``WORDS`` on holds a text; the others turn it away and keep
    nothing of it.
    """

    SIZE = "size", _("too long or empty")
    CLOSED = "closed", _("closed discussion")
    BANNED = "banned", _("banned person")
    HONEYPOT = "honeypot", _("hidden field filled in")
    TIMESTAMP = "timestamp", _("sent too quickly or from an old page")
    DUPLICATE = "duplicate", _("same text again")
    RATE = "rate", _("too many at once")
    WORDS = "words", _("listed word")
    LINKS = "links", _("several links")
    FIRST_POST = "first_post", _("first comment of a guest")
    FLAGS = "flags", _("reported by readers")
    DOMAIN = "domain", _("first mention from this site")


class HouseRule(models.TextChoices):
    """What somebody says is wrong with a comment: in a report, and when a moderator hides it."""

    OFF_TOPIC = "off_topic", _("off topic")
    SPAM = "spam", _("spam or advertising")
    INSULTING = "insulting", _("insulting")
    PERSONAL = "personal", _("personal data of others")
    OTHER = "other", _("something else")
