"""The message that came back inside a report: whole, or its headers only (RFC 3462, RFC 6522 §3)."""

from typing import Final

from bounces.parsers.mime import Headers, Mail, split_headers

_WHOLE: Final = ("message/rfc822", "message/global", "message/partial")
_HEADERS_ONLY: Final = (
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822",
)


def original_headers(mail: Mail) -> Headers:
    """Return the headers of the first returned message, or nothing."""
    for part in mail.own_parts(*_WHOLE, *_HEADERS_ONLY):
        headers, _ = split_headers(part.content().lstrip(b"\n"))
        if headers:
            return headers
    return ()
