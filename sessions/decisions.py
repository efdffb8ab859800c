"""What organisers and hosts say to a proposal: the only module that assigns its ``state``.

Every verb locks the row, checks the table of transitions (``Proposal.TRANSITIONS``), writes the
log and queues the mail in one transaction. Saying the same again changes nothing.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sessions import notifications
from sessions.models import LogEntry, Proposal
from speakers.models import User

State = Proposal.State

# What hosts are told; they know of their own withdrawal.
ANNOUNCED = frozenset({State.ACCEPTED, State.WAITLISTED, State.DECLINED, State.CANCELLED})
PREPARABLE = frozenset({State.ACCEPTED, State.WAITLISTED, State.DECLINED})


class NotAllowed(Exception):
    """This state cannot follow that one; ``str()`` is fit to be shown."""

    def __init__(self, proposal: Proposal, state: str) -> None:
        self.proposal, self.state = proposal, state
        message = _("“%(title)s” is %(now)s and cannot become %(then)s.")
        super().__init__(
            message
            % {
                "title": proposal.heading,
                "now": proposal.get_state_display(),
                "then": State(state).label,
            }
        )


def accept(proposal: Proposal, *, by: User) -> Proposal:
    return _decide(proposal, State.ACCEPTED, by=by)


def waitlist(proposal: Proposal, *, by: User) -> Proposal:
    return _decide(proposal, State.WAITLISTED, by=by)


def decline(proposal: Proposal, *, by: User) -> Proposal:
    return _decide(proposal, State.DECLINED, by=by)


def confirm(proposal: Proposal, *, by: User) -> Proposal:
    """The host says: I will be there."""
    return _decide(proposal, State.CONFIRMED, by=by)


def cancel(proposal: Proposal, *, by: User) -> Proposal:
    return _decide(proposal, State.CANCELLED, by=by)


def withdraw(proposal: Proposal, *, by: User) -> Proposal:
    """The host takes it back."""
    return _decide(proposal, State.WITHDRAWN, by=by)


def reopen(proposal: Proposal, *, by: User) -> Proposal:
    """The host hangs a withdrawn one up again; it begins as open."""
    return _decide(proposal, State.OPEN, by=by)


def merge(proposal: Proposal, *, into: Proposal, by: User) -> Proposal:
    """Let ``proposal`` take place as part of another one of the same event."""
    return _decide(proposal, State.MERGED, by=by, merged_into=into)


@transaction.atomic
def prepare(proposal: Proposal, state: str, *, by: User) -> Proposal:
    """Note a decision that only organisers see until :func:`announce`; "" takes it back.

    Raises :class:`NotAllowed`.
    """
    row = _lock(proposal)
    if state and (state not in PREPARABLE or state not in Proposal.TRANSITIONS[row.state]):
        raise NotAllowed(row, state)
    row.prepared_state = state
    row.save(update_fields=["prepared_state"])
    return row


@transaction.atomic
def announce(proposals: QuerySet[Proposal], *, by: User) -> list[Proposal]:
    """Make the prepared decisions among ``proposals`` (a QuerySet) real, with their mails."""
    waiting = proposals.exclude(prepared_state="").order_by("pk")
    return [_decide(proposal, proposal.prepared_state, by=by) for proposal in waiting]


@transaction.atomic
def _decide(
    proposal: Proposal, state: str, *, by: User, merged_into: Proposal | None = None
) -> Proposal:
    row = _lock(proposal)
    if row.state == state:
        return row
    if state not in Proposal.TRANSITIONS[row.state]:
        raise NotAllowed(row, state)
    before, row.state, row.prepared_state = row.state, state, ""
    row.merged_into = merged_into
    row.save(update_fields=["state", "prepared_state", "merged_into"])
    LogEntry.objects.create(
        event_id=row.pitch.event_id,
        actor=by,
        action=LogEntry.Action.DECIDED,
        pitch=row.pitch,
        proposal=row,
        details={"from": before, "to": state},
    )
    if state in ANNOUNCED:
        notifications.decided(row)
    proposal.state, proposal.prepared_state = row.state, row.prepared_state
    return row


def _lock(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).with_pitch().get(pk=proposal.pk)
