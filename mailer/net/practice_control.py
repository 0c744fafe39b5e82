"""One call to the practice internet's control address (docs/sandbox.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 5


class PracticeInternetError(Exception):
    """The practice internet does not answer, or refuses; nothing was changed."""


class PracticeNotFoundError(PracticeInternetError):
    """It answers, but has no such thing (any more)."""


@dataclass(frozen=True, slots=True)
class PracticeControl:
    """Where the control address listens on this machine, and the token that it asks for."""

    http_port: int
    token: str = field(repr=False)

    def call(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> "httpx.Response":
        """Return the successful answer; raises PracticeInternetError."""
        # Loading httpx takes a fifth of a second, which only practice organisations need.
        import httpx

        try:
            answer = httpx.request(
                method,
                f"http://127.0.0.1:{self.http_port}{path}",
                params=dict(query or {}),
                json=body,
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=TIMEOUT_S,
                trust_env=False,
            )
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise PracticeNotFoundError(f"{method} {path}")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise PracticeInternetError(str(error)) from error
        return answer
