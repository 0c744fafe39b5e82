"""Campaigns that take a while, watched from outside: the receivers' record counts, not the screens."""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.e2e.installation import Installation
from tests.e2e.story import Shop


@dataclass(frozen=True)
class Run:
    """One campaign of a shop; its subject tells its messages apart from all others."""

    shop: Shop
    campaign: int
    subject: str

    @property
    def page(self) -> str:
        return f"{self.shop.base}/campaigns/{self.campaign}/sending/"

    def received(self) -> list[dict[str, Any]]:
        """What the receivers accepted of this campaign, oldest first."""
        return self.shop.received(self.subject)

    def count(self) -> int:
        return len(self.received())

    def recipients(self) -> Counter[str]:
        return Counter(str(message["rcpt_to"][0]) for message in self.received())

    def figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = call(self.shop.installation, "figures", self.campaign)
        return figures

    def wait_for(self, number: int, timeout_s: float = 40) -> None:
        """Wait until the receivers have accepted so many."""
        deadline = time.monotonic() + timeout_s
        while (count := self.count()) < number:
            assert time.monotonic() < deadline, f"{count} of {number} after {timeout_s} s"
            time.sleep(0.2)

    def wait_for_state(self, state: str, timeout_s: float = 60) -> dict[str, Any]:
        """Wait until the campaign has come to a state; return its figures then."""
        deadline = time.monotonic() + timeout_s
        while (found := self.figures())["state"] != state:
            assert time.monotonic() < deadline, f"not {state} after {timeout_s} s: {found}"
        return found


def call(installation: Installation, function: str, *arguments: Any) -> Any:
    """Call a function of `bulk` inside the installation; arguments and result travel as JSON."""
    return installation.evaluate(
        f"from tests.e2e import bulk\nresult = bulk.{function}(*json.loads({json.dumps(arguments)!r}))"
    )


def furnish(shop: Shop, addresses: list[str]) -> None:
    call(shop.installation, "furnish", shop.slug, shop.domain, addresses)


def start(shop: Shop, subject: str, provider: str, rate_per_s: float) -> Run:
    """Start a campaign; `rate_per_s` is what each of the practice pool's two addresses may send."""
    arguments = (shop.slug, subject, provider, rate_per_s)
    return Run(shop, call(shop.installation, "start_at_rate", *arguments), subject)


def one_click_url(raw: bytes) -> str:
    """Return the https or http address of List-Unsubscribe (RFC 8058 §3.1)."""
    head = re.sub(rb"\r\n[ \t]+", b"", raw.split(b"\r\n\r\n", 1)[0])
    field = re.search(rb"^List-Unsubscribe: *(.*)$", head, re.MULTILINE | re.IGNORECASE)
    assert field
    found = re.search(rb"<(https?://[^>]+)>", field[1])
    assert found
    return found[1].decode("ascii")
