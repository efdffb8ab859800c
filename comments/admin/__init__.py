"""Discussions in the desk; importing it registers their lists."""

from comments.admin import mentions, queue, rules

__all__ = ["mentions", "queue", "rules"]
