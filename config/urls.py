"""All addresses of the web process. Pages of an organisation stand under /o/<organisation>/."""

from django.urls import URLPattern, URLResolver, include, path

from accounts.views import home

# One line for each app; the app names itself (app_name) and marks every view (accounts.access).
organisation_patterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("", include("accounts.urls.organisation")),
    path("campaigns/", include("campaigns.urls")),
    path("readers/", include("lists.urls")),
]

# Apps that have pages of organisations and of the installation write whole addresses themselves.
mixed_patterns: list[URLPattern | URLResolver] = [
    path("", include("mailer.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls.personal")),
    path("o/<slug:organisation>/", include(organisation_patterns)),
    *mixed_patterns,
]

handler400 = "accounts.views.errors.bad_request"
handler403 = "accounts.views.errors.permission_denied"
handler404 = "accounts.views.errors.not_found"
handler500 = "accounts.views.errors.server_error"
