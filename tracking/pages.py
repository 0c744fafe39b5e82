"""The public pages: the most seen pages of the product. No script, no session, no personal data in any address."""

from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import translation

from tracking.http import Response
from tracking.mailing_card import MailingCard

LANGUAGES: Final = ("ja", "en")
_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What every page needs. `card` is None when we do not know whose mail it was."""

    language: str
    other_language_path: str = ""
    card: MailingCard | None = None

    def render(self, name: str, status: int = 200, **context: Any) -> Response:
        with translation.override(self.language):
            other = next(code for code in LANGUAGES if code != self.language)
            text = render_to_string(
                f"tracking/{name}.html",
                {
                    "card": self.card,
                    "language": self.language,
                    "other_language": other,
                    "other_language_path": self.other_language_path,
                    **context,
                },
            )
        headers = {
            "content-security-policy": _CSP,
            "content-language": self.language,
            "vary": "accept-language",
            "x-frame-options": "DENY",
        }
        return Response(status, text.encode(), "text/html; charset=utf-8", headers)


def preferred_language(accept: str, default: str) -> str:
    """Return the first of our languages that the browser asks for (RFC 9110 §12.5.4), else the default."""
    wishes: list[tuple[float, int, str]] = []
    for position, wish in enumerate(accept[:200].split(",")):
        tag, _, quality = wish.partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if language in LANGUAGES and weight > 0:
            wishes.append((-weight, position, language))
    return min(wishes)[2] if wishes else default if default in LANGUAGES else LANGUAGES[0]
