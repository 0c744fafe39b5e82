"""Addresses inside free words, and which of them can be the one that failed."""

import re
from typing import Final

from bounces.parsers.mime import Headers, Mail

# Deliberately wide in the local part: carriers allow what RFC 5321 does not (a trailing dot, two dots in a row).
_LOCAL: Final = r"[^\s<>()\[\]\"'@,;:\\：，。；、「」『』（）＜＞【】［］]{1,64}"
ADDRESS: Final = (
    rf"(?:(?:\"[^\"@\s]{{1,64}}\"|{_LOCAL})@(?:[\w-]{{1,63}}\.){{1,10}}[\w-]{{2,63}}"
    rf"|{_LOCAL}@[a-z0-9-]{{2,63}}(?=[>\s]|$))"
)
ADDRESS_PATTERN: Final = re.compile(rf"(?<![\w@])({ADDRESS})", re.IGNORECASE)

_OFFICE: Final = re.compile(
    r"^(?:mailer-daemon|post-?master|abuse|support|help(?:desk)?|no-?reply|admin(?:istrator)?|webmaster|hostmaster|info)@",
    re.IGNORECASE,
)


def header_addresses(headers: Headers, *names: str) -> set[str]:
    return {
        match[1].lower()
        for key, value in headers
        if key in names
        for match in ADDRESS_PATTERN.finditer(value[:8_000])
    }


def sender_side(mail: Mail, returned: Headers) -> set[str]:
    """Addresses that cannot have failed: those of whoever reports, and of whom it is reported to."""
    return header_addresses(
        mail.headers, "from", "to", "reply-to", "return-path", "delivered-to"
    ) | header_addresses(returned, "from", "return-path", "reply-to", "sender", "errors-to")


def is_office(address: str) -> bool:
    return bool(_OFFICE.match(address))
