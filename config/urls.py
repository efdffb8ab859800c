from django.urls import include, path

from comments.views import mentions
from config import views
from sessions.admin.site import regie

urlpatterns = [
    path("", views.front, name="front"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", views.set_language, name="set_language"),
    path("imprint/", views.imprint, name="imprint"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("media/people/<slug:name>.webp", views.picture, name="picture"),
    path("account/", include("speakers.account_urls")),
    path("people/", include("speakers.urls")),
    path("webmention", mentions.webmention, name="webmention"),
    path("pingback", mentions.pingback, name="pingback"),
    path("", include("comments.urls")),
    path("admin/", regie.urls),
    path("", include("sessions.urls")),
]
