"""Why a move was refused, in words fit to be shown, with who did what meanwhile."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sessions.models import Placement, Proposal


@dataclass(frozen=True, slots=True)
class Happened:
    """What somebody did to a session: where it is now (``None``: off the grid), by whom, when."""

    title: str
    by: str
    at: dt.datetime | None
    starts_at: dt.datetime | None = None
    room_name: str = ""
    code: str = ""

    def __str__(self) -> str:
        """One sentence; times are in the active zone."""
        told = {"title": self.title, "who": self.by or _("Somebody"), "at": _clock(self.at)}
        if self.at is None:
            return _("“%(title)s” is not on the board.") % told
        if self.starts_at is None:
            return _("%(who)s took “%(title)s” off the board at %(at)s.") % told
        where = {"start": _clock(self.starts_at), "room": self.room_name}
        return _("%(who)s put “%(title)s” at %(start)s, %(room)s (done at %(at)s).") % (
            told | where
        )


class Refused(Exception):
    """A move that did not happen; ``str()`` is fit to be shown."""


class Stale(Refused):
    """Somebody else has moved, pinned or taken away the session since the page was loaded."""

    def __init__(self, happened: Happened) -> None:
        self.happened = happened
        super().__init__(happened)

    def __str__(self) -> str:
        return _("Nothing was changed, because the board had changed before: %(happened)s") % {
            "happened": self.happened
        }


class RoomTaken(Refused):
    """Another session takes some of this time; ``happened`` says which, if that is known."""

    def __init__(self, happened: Happened | None = None) -> None:
        self.happened = happened
        super().__init__(happened)

    def __str__(self) -> str:
        advice = _("This place is taken. Pick another or swap.")
        return f"{advice} {self.happened}" if self.happened else advice


class Pinned(Refused):
    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        super().__init__(proposal)

    def __str__(self) -> str:
        return _("“%(title)s” is pinned. Unpin it first.") % {"title": self.proposal.heading}


class NotAccepted(Refused):
    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        super().__init__(proposal)

    def __str__(self) -> str:
        return _("“%(title)s” is not accepted (any more) and cannot be placed.") % {
            "title": self.proposal.heading
        }


class NoSlot(Refused):
    """The room or the slot is not (or no longer) one of the event's."""

    def __str__(self) -> str:
        return _("This place is not on the board any more. Pick another.")


def what_happened(proposal: Proposal, placement: Placement | None) -> Happened:
    """Who brought a session to where it is; one query more if it is off the grid.

    A ``placement`` needs ``room`` and ``moved_by__profile`` loaded.
    """
    if placement is not None:
        return Happened(
            title=proposal.heading,
            code=proposal.code,
            by=placement.moved_by.profile.name if placement.moved_by else "",
            at=placement.moved_at,
            starts_at=placement.during.lower,
            room_name=placement.room.name,
        )
    last = proposal.moves.newest_first().select_related("by__profile").first()
    by = last.by.profile.name if last and last.by else ""
    return Happened(title=proposal.heading, code=proposal.code, by=by, at=last.at if last else None)


def _clock(moment: dt.datetime | None) -> str:
    """Day and time as organisers say it: “Mon 11:00”."""
    return date_format(timezone.localtime(moment), "D H:i") if moment else ""
