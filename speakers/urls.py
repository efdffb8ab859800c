from django.http import Http404
from django.urls import path


def stub(request, **kwargs):
    raise Http404


app_name = "speakers"

urlpatterns = [
    path("me/edit/", stub, name="profile_edit"),
    path("<slug:slug>/", stub, name="profile"),
]
