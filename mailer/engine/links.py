"""The addresses inside a message: where they point, and how the tracker takes them apart again.

`/o/<token>` pixel, `/c/<token>` click, `/u/<token>` unsubscribe (GET shows a page, POST acts;
RFC 8058 one-click posts to the same URL). A click target that differs per reader travels sealed
in the parameter `to`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailer.engine.content_program import LinkUrls
from mailer.engine.tokens import Token, TokenCodec, TokenKind

SEALED_TARGET_PARAMETER: Final = "to"


@dataclass(frozen=True, slots=True)
class MessageLinks:
    """Makes the links of messages; `tracker_url` without a slash at its end."""

    codec: TokenCodec
    tracker_url: str

    def urls(
        self,
        mailing_id: int,
        delivery_id: int,
        *,
        originals: Mapping[int, str],
        tracks_opens: bool,
        tracks_clicks: bool,
    ) -> LinkUrls:
        """Return the URLs of one message; untracked clicks lead to `originals` by link index."""

        def token(kind: TokenKind, index: int = 0) -> str:
            return self.codec.encode(Token(kind, mailing_id, delivery_id, index))

        def click(index: int) -> str:
            return f"{self.tracker_url}/c/{token(TokenKind.CLICK, index)}"

        def click_target(index: int, url: str) -> str:
            click_token = Token(TokenKind.CLICK, mailing_id, delivery_id, index)
            sealed = self.codec.seal_target(url, click_token)
            return f"{click(index)}?{SEALED_TARGET_PARAMETER}={sealed}"

        return LinkUrls(
            click=click if tracks_clicks else originals.__getitem__,
            click_target=click_target if tracks_clicks else None,
            unsubscribe=f"{self.tracker_url}/u/{token(TokenKind.UNSUBSCRIBE)}",
            open_pixel=f"{self.tracker_url}/o/{token(TokenKind.OPEN)}" if tracks_opens else None,
        )

    def mail_local_part(self, kind: TokenKind, mailing_id: int, delivery_id: int) -> str:
        """Return the local part of a return path or of a mailto unsubscribe."""
        return self.codec.encode(Token(kind, mailing_id, delivery_id))

    def header_token(self, mailing_id: int, delivery_id: int) -> str:
        """Return the token that survives in complaint reports; also the left side of the
        Message-ID.
        """
        return self.codec.encode(Token(TokenKind.HEADER, mailing_id, delivery_id))
