"""Publishing a practice domain's records: a call to the practice internet's control address."""

from collections.abc import Sequence

from mailer.engine.dns_records import DnsRecord
from mailer.net.practice_control import PracticeControl, PracticeInternetError


class PracticeDnsError(Exception):
    """The practice internet did not take the records; nothing was published."""


def publish(
    *, owner: str, records: Sequence[DnsRecord], inbound_host: str, http_port: int, token: str
) -> None:
    """Replace everything that `owner` has published. The MX target is served as this machine."""
    body = [{"name": r.name, "type": r.kind, "value": r.value} for r in records]
    body.append({"name": inbound_host, "type": "A", "value": "127.0.0.1"})
    try:
        PracticeControl(http_port, token).call("PUT", f"/records/{owner}", body=body)
    except PracticeInternetError as error:
        raise PracticeDnsError(str(error)) from error
