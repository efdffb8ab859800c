"""The columns of the review's list, and the orders that they offer."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.review import Asked

# The columns of the list; those of numbers begin with the largest one.
LABELS = {
    "session": gettext_lazy("session"),
    "hosts": gettext_lazy("hosts"),
    "format": gettext_lazy("format"),
    "ripeness": gettext_lazy("ripeness"),
    "members": gettext_lazy("members"),
    "visitors": gettext_lazy("visitors"),
    "rate": gettext_lazy("per week"),
    "votes": gettext_lazy("votes"),
    "comments": gettext_lazy("comments"),
    "state": gettext_lazy("state"),
}
NUMBERS = frozenset({"members", "visitors", "rate", "votes", "comments"})


def heads(want: Asked):
    """The heads of the list, each with the address that orders by it."""
    for name, label in LABELS.items():
        is_on = want.order.removeprefix("-") == name
        falls = want.order.startswith("-")
        towards = name if (falls if is_on else name not in NUMBERS) else f"-{name}"
        yield {
            "label": label,
            "order": towards,
            "is_on": is_on,
            "falls": falls,
            "is_number": name in NUMBERS,
        }


def orders(want: Asked):
    """The same in a list, for where there are no heads: each from its usual end, and what is on."""
    usual = [(name if name not in NUMBERS else f"-{name}", text) for name, text in LABELS.items()]
    if want.order and want.order not in dict(usual):
        label = LABELS[want.order.removeprefix("-")]
        usual.append((want.order, _("%(column)s, the other way round") % {"column": label}))
    return usual
