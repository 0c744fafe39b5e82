"""The control and record API: a plain ASGI application on loopback, JSON in and out.

Every path but /healthz asks for `Authorization: Bearer <token>`. docs/sandbox.md lists the paths.
"""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.faults import FaultError, fault_from
from sandbox.internet import Internet
from sandbox.receiver import KnobError, Receiver
from sandbox.zone import Record, RecordError, record

MAX_BODY_OCTETS = 4 << 20
MAX_LIMIT = 1000

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class ControlError(Exception):
    """A request that cannot be served: status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True)
class Request:
    query: Mapping[str, str]
    body: Any

    def number(self, name: str, default: int, high: int) -> int:
        raw = self.query.get(name, str(default))
        if not raw.isascii() or not raw.isdecimal():
            raise ControlError(400, f"{name}={raw}: expected a whole number")
        return min(int(raw), high)

    @property
    def page(self) -> dict[str, int]:
        return {
            "after": self.number("after", 0, 2**62),
            "limit": self.number("limit", 100, MAX_LIMIT),
        }

    def fields(self) -> Mapping[str, Any]:
        if not isinstance(self.body, dict):
            raise ControlError(400, "expected a JSON object")
        return self.body


Handler = Callable[..., Any]


class Control:
    """Routes requests to the practice internet. Handlers return JSON values, or bytes for raw mail."""

    def __init__(self, internet: Internet, token: str) -> None:
        self._internet = internet
        self._expected = f"Bearer {token}".encode()
        self._routes: tuple[tuple[str, re.Pattern[str], Handler], ...] = tuple(
            (method, re.compile(pattern), handler)
            for method, pattern, handler in (
                ("GET", r"/messages", self._messages),
                ("GET", r"/messages/(\d+)", self._message),
                ("GET", r"/messages/(\d+)/raw", self._raw),
                ("GET", r"/transactions", self._transactions),
                ("GET", r"/counts", self._counts),
                ("GET", r"/log", self._log),
                ("GET", r"/questions", self._questions),
                ("GET", r"/records", self._records),
                ("PUT", r"/records/([^/]+)", self._publish),
                ("DELETE", r"/records/([^/]+)", self._withdraw),
                ("GET", r"/receivers", self._receivers),
                ("GET", r"/receivers/([^/]+)", self._receiver),
                ("PATCH", r"/receivers/([^/]+)", self._adjust),
                ("GET", r"/world", self._world),
                ("PATCH", r"/world", self._change_world),
                ("POST", r"/readers", self._switch_readers),
                ("POST", r"/reset", self._reset),
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            result = await self._answer(scope, receive)
            status = 200
        except ControlError as error:
            status, result = error.status, {"error": error.sentence}
        kind, body = b"application/json", b""
        if isinstance(result, bytes):
            kind, body = b"message/rfc822", result
        else:
            body = json.dumps(result, ensure_ascii=False).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Any:
        path, method = scope["path"], scope["method"]
        if path == "/healthz":
            return {"status": "ok"}
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, self._expected):
            raise ControlError(401, "the control token is missing or wrong")
        handler, parts = self._route(method, path)
        query = dict(parse_qsl(scope["query_string"].decode("ascii", "replace")))
        return handler(Request(query, await _json_body(receive)), *parts)

    def _route(self, method: str, path: str) -> tuple[Handler, list[str]]:
        known = False
        for wanted, pattern, handler in self._routes:
            if match := pattern.fullmatch(path):
                known = True
                if wanted == method:
                    return handler, [unquote(part) for part in match.groups()]
        raise ControlError(405 if known else 404, f"{method} {path}: no such thing here")

    # --- What was received ------------------------------------------------------------------------
    def _messages(self, request: Request) -> Any:
        rows = self._internet.record.messages(
            **request.page,
            before=request.number("before", 0, 2**62),
            recipient=request.query.get("recipient", ""),
            receiver=request.query.get("receiver", ""),
            message_id=request.query.get("message_id", ""),
            return_hosts=request.query.get("return_hosts", "").split(),
            recipient_part=request.query.get("recipient_part", ""),
        )
        return {"messages": rows, "next": rows[-1]["id"] if rows else None}

    def _message(self, _request: Request, number: str) -> Any:
        row = self._internet.record.message(int(number))
        if row is None:
            raise ControlError(404, f"message {number}: not here")
        return row

    def _raw(self, _request: Request, number: str) -> bytes:
        raw = self._internet.record.raw(int(number))
        if raw is None:
            raise ControlError(404, f"message {number}: not here")
        return raw

    def _transactions(self, request: Request) -> Any:
        columns = ("receiver", "outcome", "stage", "rcpt_to", "source_ip")
        equal = {name: request.query.get(name, "") for name in columns}
        rows = self._internet.record.conversations(equal, **request.page)
        return {"transactions": rows, "next": rows[-1]["id"] if rows else None}

    def _counts(self, _request: Request) -> Any:
        return self._internet.counts()

    def _log(self, request: Request) -> Any:
        kind = request.query.get("kind", "")
        rows = self._internet.record.logged(**request.page, kind=kind)
        return {"log": rows, "next": rows[-1]["id"] if rows else None}

    def _questions(self, _request: Request) -> Any:
        questions = self._internet.dns.questions
        return {"questions": [{"name": name, "type": kind} for name, kind in questions]}

    # --- Published records ------------------------------------------------------------------------
    def _records(self, _request: Request) -> Any:
        published = self._internet.zone.published()
        return {
            "records": {
                owner: [_record_as(row) for row in rows] for owner, rows in published.items()
            }
        }

    def _publish(self, request: Request, owner: str) -> Any:
        if not isinstance(request.body, list):
            raise ControlError(400, "expected a list of records {name, type, value, ttl}")
        try:
            records = [_record_from(entry) for entry in request.body]
            self._internet.publish(owner, records)
        except RecordError as error:
            raise ControlError(422, str(error)) from error
        return {"owner": owner, "published": len(records)}

    def _withdraw(self, _request: Request, owner: str) -> Any:
        if not self._internet.withdraw(owner):
            raise ControlError(404, f"{owner}: has published nothing")
        return {"owner": owner, "published": 0}

    # --- Receivers and switches -------------------------------------------------------------------
    def _receivers(self, _request: Request) -> Any:
        return {
            "receivers": [receiver.describe() for receiver in self._internet.receivers.values()]
        }

    def _receiver(self, _request: Request, name: str) -> Any:
        return self._named(name).describe()

    def _adjust(self, request: Request, name: str) -> Any:
        """Turn knobs; `faults` replaces the scripted faults of the receiver."""
        receiver = self._named(name)
        try:
            for knob, value in request.fields().items():
                if knob != "faults":
                    receiver.adjust(knob, value)
                elif not isinstance(value, list):
                    raise FaultError("faults: expected a list")
                else:
                    receiver.faults.replace([fault_from(entry) for entry in value])
        except (FaultError, KnobError) as error:
            raise ControlError(422, str(error)) from error
        return receiver.describe()

    def _named(self, name: str) -> Receiver:
        try:
            return self._internet.receivers[name]
        except KeyError:
            known = ", ".join(self._internet.receivers)
            raise ControlError(404, f"{name}: no such receiver; there are {known}") from None

    def _world(self, _request: Request) -> Any:
        return vars(self._internet.switches)

    def _change_world(self, request: Request) -> Any:
        current = vars(self._internet.switches)
        for name, value in request.fields().items():
            if name not in current:
                raise ControlError(422, f"{name}: no such switch; there are {', '.join(current)}")
            if not _fits(value, current[name]):
                raise ControlError(422, f"{name} {value!r}: wrong type or range")
        for name, value in request.fields().items():
            setattr(self._internet.switches, name, type(current[name])(value))
        return vars(self._internet.switches)

    def _switch_readers(self, request: Request) -> Any:
        enabled = request.fields().get("enabled")
        if not isinstance(enabled, bool):
            raise ControlError(422, "enabled: expected true or false")
        self._internet.switches.readers = enabled
        return vars(self._internet.switches)

    def _reset(self, _request: Request) -> Any:
        self._internet.reset()
        return {"reset": True}


def _fits(value: object, current: object) -> bool:
    if isinstance(current, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(current, bool)
    if isinstance(current, float):
        return isinstance(value, int | float) and value > 0
    return isinstance(value, type(current))


def _record_from(entry: object) -> Record:
    if not isinstance(entry, dict):
        raise RecordError("a record is an object {name, type, value, ttl}")
    name, kind, value = (entry.get(key) for key in ("name", "type", "value"))
    ttl_s = entry.get("ttl", 5)
    if not (isinstance(name, str) and isinstance(kind, str) and isinstance(value, str)):
        raise RecordError(f"{entry}: name, type and value are texts")
    if not isinstance(ttl_s, int) or isinstance(ttl_s, bool):
        raise RecordError(f"{name}: ttl is a number of seconds")
    return record(name, kind, value, ttl_s)


def _record_as(row: Record) -> dict[str, Any]:
    return {"name": row.name, "type": row.type, "value": row.value, "ttl": row.ttl_s}


async def _json_body(receive: Receive) -> Any:
    body = bytearray()
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > MAX_BODY_OCTETS:
            raise ControlError(413, "the body is too long")
        if not event.get("more_body"):
            break
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise ControlError(400, f"the body is not JSON: {error}") from error
