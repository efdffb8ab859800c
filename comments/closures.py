"""Discussions that moderators closed: a whole one, or single threads of it."""

from dataclasses import dataclass

from comments.models import Closure, Comment
from sessions.models import Pitch


@dataclass(frozen=True, slots=True)
class Closed:
    """``whole`` is everything below a pitch, ``roots`` the closed threads."""

    whole: bool
    roots: frozenset[int]

    def covers(self, parent: Comment | None) -> bool:
        """Whether nothing new may hang below ``parent``, or below the pitch itself."""
        if self.whole or parent is None:
            return self.whole
        return (parent.root_id or parent.pk) in self.roots


def of(pitch: Pitch) -> Closed:
    """One query."""
    roots = set(Closure.objects.filter(pitch=pitch).values_list("root_id", flat=True))
    return Closed(whole=None in roots, roots=frozenset(pk for pk in roots if pk is not None))
