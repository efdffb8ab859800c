"""“I'm interested”: idempotent facts of an account or a browser, never a toggle."""

import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sessions.models import Host, Interest, Proposal
from speakers.models import User


class OwnProposal(Exception):
    """Hosts come anyway."""

    def __str__(self) -> str:
        return str(_("This is your own session; you are there anyway."))


def add(proposal: Proposal, *, user: User | None = None, visitor: uuid.UUID | None = None) -> None:
    """Note that an account, or else a browser, wants to come. Raises :class:`OwnProposal`."""
    if user is not None:
        if Host.objects.filter(pitch=proposal.pitch_id, person=user).exists():
            raise OwnProposal
        visitor = None
    Interest.objects.bulk_create(
        [Interest(proposal=proposal, user=user, visitor=visitor)], ignore_conflicts=True
    )


def remove(
    proposal: Proposal, *, user: User | None = None, visitor: uuid.UUID | None = None
) -> None:
    if user is not None:
        proposal.interests.filter(user=user).delete()
    elif visitor is not None:
        proposal.interests.filter(visitor=visitor).delete()


def of(*, user: User | None = None, visitor: uuid.UUID | None = None) -> set[int]:
    """Ids of the proposals that somebody wants to come to; one query."""
    if user is not None:
        rows = Interest.objects.filter(user=user)
    elif visitor is not None:
        rows = Interest.objects.filter(visitor=visitor)
    else:
        return set()
    return set(rows.values_list("proposal_id", flat=True))


@transaction.atomic
def pass_on(visitor: uuid.UUID, *, to: User) -> None:
    """Give a browser's interests to the account that logged in with it, each once."""
    rows = Interest.objects.select_for_update().filter(visitor=visitor)
    own = Host.objects.filter(person=to).values("pitch")
    Interest.objects.bulk_create(
        [
            Interest(proposal_id=row.proposal_id, user=to, created_at=row.created_at)
            for row in rows.exclude(proposal__pitch__in=own)
        ],
        ignore_conflicts=True,
    )
    rows.delete()
