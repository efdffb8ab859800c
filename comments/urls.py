"""Addresses of the discussion. A code may look like a number, so the two stand apart."""

from django.urls import include, path

from comments.views import confirmations, flags, following, likes, posting, reading, unsubscribe

app_name = "comments"

discussion = [
    path("on/<slug:code>/", posting.post, name="post"),
    path("on/<slug:code>/preview/", posting.preview, name="preview"),
    path("on/<slug:code>/follow/", following.follow, name="follow"),
    path("on/<slug:code>/unfollow/", following.unfollow, name="unfollow"),
    path("notices/", following.notices, name="notices"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("<int:pk>/", reading.permalink, name="permalink"),
    path("<int:pk>/mute/", following.mute, name="mute"),
    path("<int:pk>/unmute/", following.unmute, name="unmute"),
    path("<int:pk>/reply/", reading.reply, name="reply"),
    path("<int:pk>/edit/", posting.edit, name="edit"),
    path("<int:pk>/delete/", posting.delete, name="delete"),
    path("<int:pk>/undo/", posting.undo, name="undo"),
    path("confirm/<str:token>/", confirmations.confirm, name="confirm"),
    path("<int:pk>/flag/", flags.flag, name="flag"),
    path("<int:pk>/like/", likes.like, name="like"),
    path("<int:pk>/unlike/", likes.unlike, name="unlike"),
]

urlpatterns = [
    path("comments/", include(discussion)),
    path("<slug:event_slug>/", include("comments.event_urls")),
]
