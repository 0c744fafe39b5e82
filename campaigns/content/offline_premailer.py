"""premailer without a network. Slow to load: import it where it is used."""

from typing import Any

import cssutils
from premailer import Premailer


class OfflinePremailer(Premailer):  # type: ignore[misc]  # premailer ships no types
    """premailer whose CSS parser cannot reach the network."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        parser = cssutils.CSSParser(
            fetcher=_fetch_nothing, validate=validate, raiseExceptions=False, parseComments=False
        )
        return parser.parseString(css_body)


def _fetch_nothing(url: str) -> tuple[str, bytes]:
    return "utf-8", b""
