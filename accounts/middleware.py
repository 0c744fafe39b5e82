"""Language and colours of the person who looks, known before the first byte of the page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from accounts.models.users import Theme

THEME_COOKIE = "theme"


class PreferencesMiddleware:
    """Activate the signed-in person's language; LocaleMiddleware has already read cookie and browser.

    Sets `request.theme` ("light", "dark" or "system") for `<html data-theme>`: rendered by the
    server, so a dark page never flashes white.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.theme = self._theme_of_visitor(request)  # type: ignore[attr-defined]  # ours
        # Without a session cookie nobody is signed in; asking would cost a query on public pages.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            request.theme = request.user.theme  # type: ignore[attr-defined]  # ours
            if request.user.language in dict(settings.LANGUAGES):
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = request.user.language
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()  # accounts.access may have switched to the organisation's zone

    @staticmethod
    def _theme_of_visitor(request: HttpRequest) -> str:
        chosen = request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in Theme.values else Theme.SYSTEM.value
