"""Discussions in the desk; importing it registers their lists."""

from comments.admin import mentions, outgoing, queue, rules

__all__ = ["mentions", "outgoing", "queue", "rules"]
