"""Addresses of the discussion. A code may look like a number, so the two stand apart."""

from django.urls import path

from comments import views

app_name = "comments"

urlpatterns = [
    path("on/<slug:code>/", views.post, name="post"),
    path("on/<slug:code>/preview/", views.preview, name="preview"),
    path("<int:pk>/", views.permalink, name="permalink"),
    path("<int:pk>/reply/", views.reply, name="reply"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/like/", views.like, name="like"),
    path("<int:pk>/unlike/", views.unlike, name="unlike"),
]
