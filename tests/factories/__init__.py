from .comments import CommentFactory, LikeFactory
from .passkeys import PasskeyFactory
from .people import UserFactory
from .program import (
    EventFactory,
    HostFactory,
    InterestFactory,
    MembershipFactory,
    PitchFactory,
    PlacementFactory,
    ProposalFactory,
    RoomFactory,
    ScheduleFactory,
    SlotFactory,
)

__all__ = [
    "CommentFactory",
    "EventFactory",
    "HostFactory",
    "InterestFactory",
    "LikeFactory",
    "MembershipFactory",
    "PasskeyFactory",
    "PitchFactory",
    "PlacementFactory",
    "ProposalFactory",
    "RoomFactory",
    "ScheduleFactory",
    "SlotFactory",
    "UserFactory",
]
