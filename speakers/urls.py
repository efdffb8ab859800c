from django.urls import path

from speakers import views

app_name = "speakers"

urlpatterns = [
    path("me/edit/", views.profile_edit, name="profile_edit"),
    path("<slug:slug>/", views.profile, name="profile"),
]
