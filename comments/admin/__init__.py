"""Discussions in the desk; importing it registers their lists."""

from comments.admin import queue, rules

__all__ = ["queue", "rules"]
