"""Mails to hosts. Rows of the queue, written in the caller's transaction."""

from config.lib import mail
from sessions.models import Host, Proposal


def decided(proposal: Proposal) -> None:
    """Tell every host what the organisers said; needs ``pitch__event`` loaded."""
    hosts = Host.objects.accepted().filter(pitch=proposal.pitch_id).select_related("person__profile")
    for host in hosts:
        mail.send(
            f"sessions/proposal_{proposal.state}",
            to=host.person.email,
            language=host.person.language,
            context={"proposal": proposal, "event": proposal.pitch.event, "person": host.person},
        )
