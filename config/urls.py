from django.urls import include, path

from comments.admin.copying import copy_event
from comments.views import mentions
from config import rights_views, views
from sessions.admin.site import regie

urlpatterns = [
    path("", views.front, name="front"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", views.set_language, name="set_language"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/data/", rights_views.guest_data, name="guest_data"),
    path("privacy/data/<slug:token>/", rights_views.guest_data_open, name="guest_data_open"),
    path(
        "privacy/data/<slug:token>/data.json", rights_views.guest_data_json, name="guest_data_json"
    ),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("media/people/<slug:name>.webp", views.picture, name="picture"),
    path("account/data/", rights_views.my_data, name="my_data"),
    path("account/data.json", rights_views.my_data_json, name="my_data_json"),
    path("account/erase/", rights_views.erase_me, name="erase_me"),
    path("account/erase/prove/", rights_views.prove_me, name="prove_me"),
    path("account/", include("speakers.account_urls")),
    path("people/", include("speakers.urls")),
    path("webmention", mentions.webmention, name="webmention"),
    path("pingback", mentions.pingback, name="pingback"),
    path("", include("comments.urls")),
    path("admin/program/event/<int:object_id>/copy/", copy_event, name="copy_event"),
    path("admin/", regie.urls),
    path("", include("sessions.urls")),
]
