"""The version of an event: one number that changes with everything the public can see.

Pages are cached and answered with 304 under it. Triggers raise it, so that no code path, bulk
update or SQL shell can forget to; they are deferred to the commit, so that the row of the event
is locked for an instant only and two writers cannot wait for each other.
"""

from typing import Any

import pgtrigger
from django.db.models import Model

from speakers.models import Profile

_BUMP = """
{unless}UPDATE program_event SET version = version + 1
WHERE id IN ({events}) AND xmin::text <> pg_current_xact_id()::xid::text;
RETURN NULL;
"""


_UNLESS = """IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - {columns} = to_jsonb(OLD) - {columns} THEN
    RETURN NULL;
END IF;
"""


class BumpsVersion(pgtrigger.Trigger):
    """Raise the version of the events that a changed row belongs to, once per transaction.

    ``events`` is a SQL query for their ids; in it, ``ROW`` stands for the changed row. A change of
    ``unseen`` columns alone is none: the public could otherwise see that something was changed.
    """

    when = pgtrigger.After
    level = pgtrigger.Row
    timing = pgtrigger.Deferred
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(
        self,
        *,
        events: str,
        unseen: tuple[str, ...] = (),
        name: str = "bumps_version",
        **options: Any,
    ) -> None:
        self.events, self.unseen = events, unseen
        super().__init__(name=name, **options)

    def get_func(self, model: Model) -> str:
        new, old = (self.events.replace("ROW.", f"{row}.") for row in ("NEW", "OLD"))
        # In an insert OLD is null and in a delete NEW is, and so are their columns.
        columns = "ARRAY[{}]".format(", ".join(f"'{column}'" for column in self.unseen))
        unless = _UNLESS.format(columns=columns) if self.unseen else ""
        return _BUMP.format(events=f"{new} UNION ALL {old}", unless=unless)


OF_EVENT = "SELECT ROW.event_id"
OF_PITCH = "SELECT event_id FROM program_pitch WHERE id = ROW.pitch_id"
OF_PROPOSAL = """
    SELECT pitch.event_id FROM program_pitch pitch
    JOIN program_proposal proposal ON proposal.pitch_id = pitch.id
    WHERE proposal.id = ROW.proposal_id
"""


class PublicProfile(Profile):
    """A profile as pages of events show it: the trigger belongs here, the table to speakers."""

    class Meta:
        proxy = True
        triggers = [
            BumpsVersion(
                operation=pgtrigger.Update,
                events="""
                    SELECT pitch.event_id FROM program_pitch pitch
                    JOIN program_host host ON host.pitch_id = pitch.id
                    WHERE host.person_id = ROW.user_id
                """,
            )
        ]
