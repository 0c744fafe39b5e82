"""Addresses of the person and of the installation, without an organisation."""

from django.urls import path

from accounts.views import gallery, health, home, organisations, preferences, profile, signin

urlpatterns = [
    path("", home.start, name="start"),
    path("account/login/", signin.sign_in, name="account_login"),
    path("account/logout/", signin.sign_out, name="account_logout"),
    path("account/signup/", signin.sign_up, name="account_signup"),
    path("account/inactive/", signin.inactive, name="account_inactive"),
    path("account/password/help/", signin.password_help, name="account_reset_password"),
    path("account/password/", profile.password, name="account_change_password"),
    path("account/invitation/<str:key>/<str:token>/", signin.invitation, name="invitation"),
    path("account/", profile.profile, name="profile"),
    path("preferences/language/", preferences.set_language, name="set_language"),
    path("preferences/theme/", preferences.set_theme, name="set_theme"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/new/", organisations.new, name="organisation_new"),
    path("ui/gallery/", gallery.gallery, name="gallery"),
    path("healthz", health.healthz, name="healthz"),
    path("robots.txt", health.robots, name="robots"),
]
