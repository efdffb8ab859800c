from django.urls import include, path

from speakers import views

urlpatterns = [
    path("", views.overview, name="account"),
    # Before allauth's own: here a newcomer and a known person take the same way.
    path("signup/", views.sign_up, name="account_signup"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
