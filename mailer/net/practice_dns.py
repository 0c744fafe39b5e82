"""Publishing a practice domain's records: a call to the practice internet's control address."""

from collections.abc import Sequence

import httpx

from mailer.engine.dns_records import DnsRecord


class PracticeDnsError(Exception):
    """The practice internet did not take the records; nothing was published."""


def publish(
    *, owner: str, records: Sequence[DnsRecord], inbound_host: str, http_port: int, token: str
) -> None:
    """Replace everything that `owner` has published. The MX target is served as this machine."""
    body = [{"name": r.name, "type": r.kind, "value": r.value} for r in records]
    body.append({"name": inbound_host, "type": "A", "value": "127.0.0.1"})
    try:
        answer = httpx.put(
            f"http://127.0.0.1:{http_port}/records/{owner}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise PracticeDnsError(str(error)) from error
