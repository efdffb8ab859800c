"""The sessions beside the grid, in the order and with the filters that one chose. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from sessions.scheduling.grid import Session


@dataclass(frozen=True, slots=True)
class Choice:
    """``sort`` is one of ``ORDERS``; a filter that is "" lets everything pass."""

    sort: str = "interest"
    format: str = ""
    tag: str = ""
    q: str = ""

    @property
    def filters(self) -> bool:
        return bool(self.format or self.tag or self.q)

    @property
    def query(self) -> str:
        """For an address, without what says nothing."""
        default = Choice()
        chosen = {
            key: value for key, value in asdict(self).items() if value != getattr(default, key)
        }
        return urlencode(chosen)

    def of(self, sessions: Iterable[Session]) -> tuple[Session, ...]:
        """Each word of ``q`` stands in the title, a host's name or a tag."""
        words = self.q.casefold().split()
        chosen = (
            session
            for session in sessions
            if self.format in ("", session.format)
            and (not self.tag or self.tag in session.tags)
            and all(word in _text(session) for word in words)
        )
        return tuple(sorted(chosen, key=ORDERS[self.sort]))


# "newest" is by id: proposals are numbered as they come.
ORDERS = {
    "interest": lambda session: (-session.interest, session.id),
    "title": lambda session: (session.title.casefold(), session.id),
    "format": lambda session: (session.format, -session.interest, session.id),
    "newest": lambda session: -session.id,
}


def _text(session: Session) -> str:
    names = (host.name for host in session.hosts)
    return "\n".join((session.title, *names, *session.tags)).casefold()
