"""Carry a report to the mail host of an organisation in practice, by SMTP from a provider's address."""

import asyncio
import ipaddress
import smtplib

from sandbox.zone import Zone

TIMEOUT_S = 30.0


class NoRoute(Exception):
    """The address has no mail host on loopback: nothing outside is ever contacted."""


class Postman:
    def __init__(self, zone: Zone, inbound_port: int) -> None:
        self._zone = zone
        self._inbound_port = inbound_port

    async def deliver(
        self, message: bytes, *, sender: str, recipient: str, source_ip: str, helo: str
    ) -> str:
        """Deliver one message and return the host's address.

        Raises NoRoute, smtplib.SMTPException (a 5xx answer has `smtp_code` or `recipients`), OSError.
        """
        address = self._address(recipient)
        await asyncio.to_thread(
            self._converse, address, message, sender, recipient, source_ip, helo
        )
        return address

    def _address(self, recipient: str) -> str:
        domain = recipient.rpartition("@")[2]
        for host in self._zone.mail_hosts(domain):
            for address in self._zone.addresses(host):
                if ipaddress.ip_address(address).is_loopback:
                    return address
        raise NoRoute(f"{domain} has no mail host in the practice internet")

    def _converse(
        self, address: str, message: bytes, sender: str, recipient: str, source_ip: str, helo: str
    ) -> None:
        with smtplib.SMTP(
            address,
            self._inbound_port,
            local_hostname=helo,
            timeout=TIMEOUT_S,
            source_address=(source_ip, 0),
        ) as client:
            client.sendmail(sender, [recipient], message, ["BODY=8BITMIME"])
