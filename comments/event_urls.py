"""Addresses of an event that speak of its discussions; part of ``comments.urls``."""

from django.urls import path

from comments.views import feeds, log

urlpatterns = [
    path("feeds/comments.atom", feeds.event, name="event_feed"),
    path("pitches/<slug:code>/comments.atom", feeds.pitch, name="pitch_feed"),
    path("moderation/", log.moderation_log, name="moderation_log"),
]
