from .comment import Comment
from .following import Follow, Mute, Notice, Pace, Visit
from .like import Like
from .mention import LinkScan, Mention, Outgoing
from .moderation import Act, Attempt, Ban, Closure, Flag, Rules, TurnedAway
from .proof import Proof
from .reasons import Filter, HouseRule

__all__ = [
    "Act",
    "Attempt",
    "Ban",
    "Closure",
    "Comment",
    "Filter",
    "Flag",
    "Follow",
    "HouseRule",
    "Like",
    "LinkScan",
    "Mention",
    "Mute",
    "Notice",
    "Outgoing",
    "Pace",
    "Proof",
    "Rules",
    "TurnedAway",
    "Visit",
]
