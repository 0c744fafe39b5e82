"""Language and colours, for visitors in a cookie and for people in their account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.access import public_page
from accounts.middleware import THEME_COOKIE
from accounts.models.users import Theme
from accounts.services.people import update_preferences

YEAR_S = 365 * 24 * 60 * 60


@public_page("The sign-in page has a language switch too.")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language and go back; the page behind is rendered in it."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        update_preferences(user=request.user, language=language)
    return _back_with_cookie(request, settings.LANGUAGE_COOKIE_NAME, language)


@public_page("Error pages and the sign-in page have colours too.")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Change the colours and go back; JavaScript has changed the page already."""
    theme = request.POST.get("theme", "")
    if theme not in Theme.values:
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        update_preferences(user=request.user, theme=theme)
    return _back_with_cookie(request, THEME_COOKIE, theme)


def _back_with_cookie(request: HttpRequest, name: str, value: str) -> HttpResponse:
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = redirect(target)
    response.set_cookie(
        name,
        value,
        max_age=YEAR_S,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
