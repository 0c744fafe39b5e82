"""A client of the practice internet's control API for tests. The product never uses it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


@dataclass(frozen=True)
class Ports:
    dns: int
    smtp: int
    http: int
    inbound: int


@dataclass(frozen=True)
class SandboxClient:
    """`http` is a client with base URL and token; `environment` is what our processes need."""

    ports: Ports
    token: str
    http: httpx.Client = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TODOKU_SANDBOX_DNS_PORT": str(self.ports.dns),
            "TODOKU_SANDBOX_SMTP_PORT": str(self.ports.smtp),
            "TODOKU_SANDBOX_HTTP_PORT": str(self.ports.http),
            "TODOKU_INBOUND_PORT": str(self.ports.inbound),
            "TODOKU_SANDBOX_TOKEN": self.token,
        }

    def messages(self, **query: str | int) -> list[dict[str, Any]]:
        """Return all matching messages (recipient=, receiver=, message_id=), oldest first."""
        return self._all("/messages", "messages", query)

    def transactions(self, **query: str | int) -> list[dict[str, Any]]:
        """Return all outcomes (receiver=, outcome=, stage=, rcpt_to=, source_ip=)."""
        return self._all("/transactions", "transactions", query)

    def log(self, **query: str | int) -> list[dict[str, Any]]:
        return self._all("/log", "log", query)

    def raw(self, message: int) -> bytes:
        return self._checked(self.http.get(f"/messages/{message}/raw")).content

    def counts(self) -> dict[str, Any]:
        return self._json(self.http.get("/counts"))

    def questions(self) -> list[tuple[str, str]]:
        rows = self._json(self.http.get("/questions"))["questions"]
        return [(row["name"], row["type"]) for row in rows]

    def publish(self, owner: str, *records: tuple[str, str, str]) -> None:
        """Replace what `owner` has published by (name, type, value) records."""
        body = [{"name": name, "type": kind, "value": value} for name, kind, value in records]
        self._checked(self.http.put(f"/records/{owner}", json=body))

    def withdraw(self, owner: str) -> None:
        self._checked(self.http.delete(f"/records/{owner}"))

    def receiver(self, name: str) -> dict[str, Any]:
        return self._json(self.http.get(f"/receivers/{name}"))

    def adjust(self, receiver: str, **knobs: Any) -> dict[str, Any]:
        return self._json(self.http.patch(f"/receivers/{receiver}", json=knobs))

    def fault(self, receiver: str, **fault: Any) -> None:
        """Script one fault (stage=, reply=, drop=, keep=, delay_s=, times=, recipient=)."""
        self.adjust(receiver, faults=[fault])

    def world(self, **switches: Any) -> dict[str, Any]:
        return self._json(self.http.patch("/world", json=switches))

    def reset(self) -> None:
        """Forget everything, withdraw all records, switch everything back."""
        for owner in self._json(self.http.get("/records"))["records"]:
            self.withdraw(owner)
        self._checked(self.http.post("/reset"))

    def wait_for(self, look: Callable[[], T], timeout_s: float = 15.0) -> T:
        """Repeat `look` until it returns something true; fail when the time is over."""
        deadline = time.monotonic() + timeout_s
        while not (found := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing after {timeout_s} s; counts: {self.counts()}")
            time.sleep(0.05)
        return found

    def _all(self, path: str, name: str, query: Mapping[str, str | int]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = 0
        while True:
            page = self._json(self.http.get(path, params={"limit": 1000, "after": after, **query}))
            rows += page[name]
            if page["next"] is None or "limit" in query:
                return rows
            after = page["next"]

    def _json(self, response: httpx.Response) -> dict[str, Any]:
        content: dict[str, Any] = self._checked(response).json()
        return content

    def _checked(self, response: httpx.Response) -> httpx.Response:
        assert response.is_success, f"{response.status_code}: {response.text}"
        return response
