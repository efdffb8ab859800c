from .announcing import (
    AnnouncedDecision,
    AnnouncedMail,
    Announcement,
    ConfirmationRequest,
    MailTemplate,
    OutboxEntry,
)
from .availability import Unavailability
from .delay import Delay
from .event import Event, Membership
from .interest import Interest
from .log import LogEntry, OrganiserNote
from .merge import Merge
from .move import Move
from .news import QuietReader
from .pitch import Host, Pitch, PitchTag, Tag
from .plan import PlanDraft
from .proposal import Proposal
from .review import Preparation, SavedFilter, Vote
from .room import Room, Slot
from .schedule import Placement, Schedule
from .versioning import PublicProfile

__all__ = [
    "AnnouncedDecision",
    "AnnouncedMail",
    "Announcement",
    "ConfirmationRequest",
    "Delay",
    "Event",
    "Host",
    "Interest",
    "LogEntry",
    "MailTemplate",
    "Membership",
    "Merge",
    "Move",
    "OrganiserNote",
    "OutboxEntry",
    "Pitch",
    "PitchTag",
    "Placement",
    "PlanDraft",
    "Preparation",
    "Proposal",
    "PublicProfile",
    "QuietReader",
    "Room",
    "SavedFilter",
    "Schedule",
    "Slot",
    "Tag",
    "Unavailability",
    "Vote",
]
