"""The little HTTP that the tracker needs: bounded requests in, whole responses out. No sockets, no routing."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_to_bytes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_PATH_CHARS: Final = 8_192
MAX_BODY_BYTES: Final = 16_384
MAX_FIELDS: Final = 20

# Tokens stand in our paths: nobody may learn them from a Referer, a cache or a search engine.
PRIVATE: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}


class BodyTooLarge(Exception):
    """The client sent more than any of our forms could."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `headers` has lower-case names. Of the query string only `parameter` is ever asked for."""

    method: str
    segments: tuple[str, ...]
    headers: Mapping[str, str]
    client_ip: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    query: bytes = b""

    def parameter(self, name: str) -> str:
        """Return the first value of a query parameter, or nothing. Gateways like to add parameters of their own."""
        wanted = name.encode() + b"="
        for piece in self.query[:MAX_PATH_CHARS].split(b"&"):
            if piece.startswith(wanted):
                return unquote_to_bytes(piece[len(wanted) :]).decode("latin-1")
        return ""

    @property
    def user_agent(self) -> str:
        return self.headers.get("user-agent", "")


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Return the request with its form read; or raise BodyTooLarge or ClientGone."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    body = await _read_body(receive) if scope["method"] == "POST" else b""
    client = scope.get("client")
    return Request(
        method=scope["method"],
        segments=tuple(scope["path"].strip("/").split("/")),
        headers=headers,
        client_ip=client[0] if client else "",
        fields=form_fields(headers.get("content-type", ""), body),
        query=scope.get("query_string", b""),
    )


async def send_response(response: Response, send: Send, *, is_head: bool) -> None:
    """Send everything at once; the answer to HEAD has the length of what GET would give (RFC 9110 §9.3.2)."""
    headers = {
        "content-type": response.content_type,
        "content-length": str(len(response.body)),
        **PRIVATE,
        **response.headers,
    }
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": b"" if is_head else response.body})


def form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a urlencoded or multipart form. RFC 8058 §3.1 allows a client to use either.

    A body without a content type is read as urlencoded: some mailbox providers forget it.
    """
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() == "multipart/form-data":
        return _multipart_fields(parameters, body)
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
        )
    except ValueError:
        return {}
    return dict(pairs)


def _multipart_fields(parameters: str, body: bytes) -> dict[str, str]:
    """Read RFC 7578 text fields. Files, nesting and encodings are not ours and are passed over."""
    boundary = _parameter(parameters, "boundary")
    if not boundary:
        return {}
    fields: dict[str, str] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))[1 : MAX_FIELDS + 1]:
        if part.startswith(b"--"):
            break
        head, gap, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        for line in head.decode("latin-1").split("\r\n"):
            name, _, rest = line.partition(":")
            if gap and name.strip().lower() == "content-disposition":
                fields[_parameter(rest.partition(";")[2], "name")] = value.decode(
                    "utf-8", "replace"
                )
    return fields


def _parameter(text: str, wanted: str) -> str:
    for piece in text.split(";"):
        name, _, value = piece.strip().partition("=")
        if name.strip().lower() == wanted:
            return value.strip().strip('"')
    return ""


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join(chunks)
