"""Addresses of the discussion. A code may look like a number, so the two stand apart."""

from django.urls import include, path

from comments.views import likes, posting, reading

app_name = "comments"

discussion = [
    path("on/<slug:code>/", posting.post, name="post"),
    path("on/<slug:code>/preview/", posting.preview, name="preview"),
    path("<int:pk>/", reading.permalink, name="permalink"),
    path("<int:pk>/reply/", reading.reply, name="reply"),
    path("<int:pk>/edit/", posting.edit, name="edit"),
    path("<int:pk>/delete/", posting.delete, name="delete"),
    path("<int:pk>/like/", likes.like, name="like"),
    path("<int:pk>/unlike/", likes.unlike, name="unlike"),
]

urlpatterns = [
    path("comments/", include(discussion)),
    path("<slug:event_slug>/", include("comments.event_urls")),
]
