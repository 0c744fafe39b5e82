"""What a reader's mail application finds in a message: pictures, links, and the way out."""

import email
import email.policy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

_TEXT_LINK = re.compile(r"https?://[^\s<>\"'（）「」『』、。]+")
_WAY_OUT = re.compile(r"unsubscribe|opt.?out|配信停止|配信を停止|配信解除|退会|解除", re.IGNORECASE)
_HEADER_LINK = re.compile(r"<\s*(https?://[^<>\s]+)\s*>", re.IGNORECASE)
_ONE_CLICK_HEADERS = frozenset({"list-unsubscribe", "list-unsubscribe-post"})


@dataclass(frozen=True)
class Letter:
    """`links` leave out the way out; `all_links` is what a machine that follows everything sees.

    `one_click_url` is empty unless both headers stand and one valid signature covers them
    (RFC 8058 §4). Plain http counts, because the practice tracker listens on loopback.
    """

    images: tuple[str, ...]
    links: tuple[str, ...]
    all_links: tuple[str, ...]
    one_click_url: str


def read_letter(raw: bytes, verdicts: Iterable[Mapping[str, Any]]) -> Letter:
    """Parse a message. A body that cannot be decoded counts as empty, as it does for its reader."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    out = _HEADER_LINK.search(str(message.get("List-Unsubscribe", "")))
    header_url = out[1] if out else ""
    page = _Page()
    page.feed(_part(message, "html"))
    page.close()
    found = page.links or [(url, "") for url in _TEXT_LINK.findall(_part(message, "plain"))]
    content = [
        url for url, words in found if url != header_url and not _WAY_OUT.search(f"{url} {words}")
    ]
    return Letter(
        images=_unique(page.images),
        links=_unique(content),
        all_links=_unique(url for url, _words in found),
        one_click_url=header_url if _is_one_click(message, verdicts) else "",
    )


def _is_one_click(message: EmailMessage, verdicts: Iterable[Mapping[str, Any]]) -> bool:
    post = re.sub(r"\s+", "", str(message.get("List-Unsubscribe-Post", "")))
    return post.lower() == "list-unsubscribe=one-click" and any(
        verdict["valid"] and set(verdict["headers"]) >= _ONE_CLICK_HEADERS for verdict in verdicts
    )


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        content = part.get_content() if part is not None else ""
    except (LookupError, ValueError, AttributeError):
        return ""
    return content if isinstance(content, str) else ""


def _unique(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.images: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._target = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img" and _is_web(source := values.get("src") or ""):
            self.images.append(source)
        elif tag == "a":
            self._finish_link()
            self._target = values.get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._finish_link()

    def handle_data(self, data: str) -> None:
        if self._target:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._finish_link()

    def _finish_link(self) -> None:
        if _is_web(self._target):
            self.links.append((self._target.strip(), "".join(self._words)))
        self._target, self._words = "", []


def _is_web(url: str) -> bool:
    return url.strip().lower().startswith(("http://", "https://"))
