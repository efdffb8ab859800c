"""The desk; importing it registers what an event consists of."""

from sessions.admin import events, log, people, pitches, proposals

__all__ = ["events", "log", "people", "pitches", "proposals"]
