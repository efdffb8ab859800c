"""Mails to hosts. Rows of the queue, written in the caller's transaction."""

from sessions import confirming, outbox
from sessions.mail_templates import Kind, kind_of
from sessions.models import Proposal


def decided(proposal: Proposal) -> None:
    """Tell every host what the organisers said, in the event's words; needs the event loaded."""
    kind = kind_of(proposal.state, proposal.pitch.event)
    outbox.tell_hosts(proposal, kind, kind=outbox.Kind.DECISION)
    if kind == Kind.ASKED:
        confirming.ask(proposal)
