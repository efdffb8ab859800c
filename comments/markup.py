"""The text of a comment as HTML, rendered once and stored with it."""

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from config.lib.text import COMMENT_MAX_LENGTH, clean_line, render_markdown
from speakers.models import Profile


class Empty(Exception):
    """Nothing would be seen of it; ``str()`` is fit to be shown."""

    def __str__(self) -> str:
        return str(_("The text is missing."))


def rendered(body: str, *, hosts: Iterable[Profile] = ()) -> str:
    """Markdown as it is stored; "@Name" leads to the profile of one of ``hosts``.

    Raises :class:`Empty` and :class:`config.lib.text.TooLong`.
    """
    html = render_markdown(body, max_length=COMMENT_MAX_LENGTH, names=_addresses(hosts))
    if not html.strip():
        raise Empty
    return html


def _addresses(hosts: Iterable[Profile]) -> dict[str, str]:
    """Under the names that hosts are called by; a first name only while one of them has it."""
    people = [(clean_line(profile.name), profile) for profile in hosts]
    first_names = Counter(name.partition(" ")[0].casefold() for name, _profile in people)
    called: dict[str, str] = {}
    for name, profile in people:
        first = name.partition(" ")[0]
        for call in (name, profile.slug, first):
            if call != first or call == name or first_names[first.casefold()] == 1:
                called.setdefault(call, profile.get_absolute_url())
    return called
