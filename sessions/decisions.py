"""What organisers and hosts say to a proposal: the only module that assigns its ``state``.

Every verb locks the row, checks the table of transitions (``Proposal.TRANSITIONS``), writes the
log and queues the mail in one transaction. Saying the same again changes nothing.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sessions import notifications, programme_news
from sessions.models import Event, LogEntry, Pitch, Preparation, Proposal
from speakers.models import User

State = Proposal.State

# What hosts are told; they know of their own withdrawal.
ANNOUNCED = frozenset({State.ACCEPTED, State.WAITLISTED, State.DECLINED, State.CANCELLED})
# What whoever wanted it is told: it is in the public programme and takes place no more.
ENDED = frozenset({State.CANCELLED, State.WITHDRAWN})
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


class NotPrepared(Exception):
    """What was to be announced is not prepared any more, or not public; ``str()`` names it."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        super().__init__(
            _("“%(title)s” was changed and is not announced.") % {"title": proposal.heading}
        )


class Overtaken(Exception):
    """Others have prepared or decided something meanwhile; ``str()`` says who and what.

    Needs the steps of ``proposal`` as they are now; one query.
    """

    def __init__(self, proposal: Proposal, *, seen: str = "") -> None:
        self.proposal = proposal
        last = proposal.preparations.select_related("by__profile").newest_first().first()
        told = {
            "title": proposal.heading,
            "who": (last and last.by and last.by.profile.name) or _("Somebody"),
            "state": proposal.get_state_display(),
            "prepared": proposal.get_prepared_state_display(),
        }
        if seen and seen.partition(".")[0] != proposal.state:
            message = _("“%(title)s” is %(state)s by now. Nothing was changed.")
        elif proposal.prepared_state:
            message = _(
                "%(who)s has prepared for “%(title)s” meanwhile: %(prepared)s. Nothing was changed."
            )
        elif last:
            message = _("%(who)s has taken back what was prepared for “%(title)s”. It is open.")
        else:
            message = _("What was prepared for “%(title)s” has been taken back. It is open.")
        super().__init__(message % told)


class NothingLeft(Exception):
    """Nothing that this person prepared is left to be undone."""

    def __str__(self) -> str:
        return str(_("You have prepared nothing that could be taken back."))


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
def unmerge(proposal: Proposal, *, to: str, by: User) -> Proposal:
    """Take :func:`merge` back: ``to`` is what the session was before it. Nobody is told.

    Raises :class:`NotAllowed`.
    """
    row = _lock(proposal)
    if row.state != State.MERGED or State.MERGED not in Proposal.TRANSITIONS[State(to)]:
        raise NotAllowed(row, to)
    row.state, row.merged_into = to, None
    row.save(update_fields=["state", "merged_into"])
    _log(row, by=by, before=State.MERGED)
    return row


def preparable(proposal: Proposal) -> list[State]:
    """What :func:`prepare` takes for a session as it stands."""
    return [s for s in State if s in PREPARABLE and s in Proposal.TRANSITIONS[proposal.state]]


@transaction.atomic
def prepare(proposal: Proposal, state: str, *, by: User, seen: str | None = None) -> Proposal:
    """Note a decision that only organisers see until it is announced; "" takes it back.

    ``seen`` is the ``standing`` of the session when ``by`` decided. Raises :class:`NotAllowed`,
    and :class:`Overtaken` if it has become another one since.
    """
    row = _lock(proposal)
    if row.prepared_state == state:
        return row
    if seen is not None and seen != row.standing:
        raise Overtaken(row, seen=seen)
    if state and state not in preparable(row):
        raise NotAllowed(row, state)
    row.preparations.create(by=by, before=row.prepared_state, after=state)
    return _prepared(row, state)


def undo(event: Event, *, by: User) -> Proposal:
    """Take back what ``by`` prepared last, and return its session as it is then.

    What others have prepared for it since stays, and theirs alone is left then. Raises
    :class:`Overtaken` in this case, :class:`NothingLeft`.
    """
    with transaction.atomic():
        mine = Preparation.objects.of(by, event).select_related("proposal")
        last = mine.newest_first().first()
        if last is None:
            raise NothingLeft
        row = _lock(last.proposal)
        later = row.preparations.filter(pk__gt=last.pk).order_by("pk").first()
        gone, _rows = last.delete()
        if gone and later is None:
            return _prepared(row, last.before)
        if later is not None:
            row.preparations.filter(pk=later.pk).update(before=last.before)
    raise Overtaken(row)


def _prepared(row: Proposal, state: str) -> Proposal:
    row.prepared_state = state
    row.save(update_fields=["prepared_state"])
    return row


@transaction.atomic
def carry_out(proposal: Proposal, state: str, *, by: User | None) -> Proposal:
    """Make a prepared decision real, without a mail: that is the announcement's.

    Raises :class:`NotPrepared` if another one is prepared by now, or none, and
    :class:`NotAllowed`.
    """
    row = _lock(proposal)
    if row.prepared_state != state or row.pitch.state != Pitch.State.PUBLIC:
        raise NotPrepared(row)
    return _decide(row, state, by=by, tells=False)


@transaction.atomic
def _decide(
    proposal: Proposal,
    state: str,
    *,
    by: User | None,
    merged_into: Proposal | None = None,
    tells: bool = True,
) -> Proposal:
    row = _lock(proposal)
    if row.state == state:
        return row
    if state not in Proposal.TRANSITIONS[row.state]:
        raise NotAllowed(row, state)
    before, row.state, row.prepared_state = row.state, state, ""
    row.merged_into = merged_into
    row.save(update_fields=["state", "prepared_state", "merged_into"])
    row.preparations.all().delete()
    _log(row, by=by, before=before)
    if tells and state in ANNOUNCED:
        notifications.decided(row)
    if state in ENDED:
        programme_news.tell_of_end(row)
    proposal.state, proposal.prepared_state = row.state, row.prepared_state
    return row


def _log(row: Proposal, *, by: User | None, before: str) -> None:
    LogEntry.objects.create(
        event_id=row.pitch.event_id,
        actor=by,
        action=LogEntry.Action.DECIDED,
        pitch=row.pitch,
        proposal=row,
        details={"from": before, "to": row.state},
    )


def _lock(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).with_pitch().get(pk=proposal.pk)
