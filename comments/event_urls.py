"""Addresses of an event that speak of its discussions; part of ``comments.urls``."""

from django.urls import path

from comments.views import log

urlpatterns = [
    path("moderation/", log.moderation_log, name="moderation_log"),
]
