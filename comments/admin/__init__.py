"""Discussions in the desk; importing it registers their lists."""

from comments.admin import mentions, merge, outgoing, queue, rules

__all__ = ["mentions", "merge", "outgoing", "queue", "rules"]
