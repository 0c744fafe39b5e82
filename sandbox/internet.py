"""The practice internet as one thing: zone, DNS, receivers, record, and what happens after receipt."""

from collections.abc import Sequence
from typing import Any

from sandbox.aftermath import Aftermath
from sandbox.browser import Browser
from sandbox.certificate import server_contexts
from sandbox.dns_server import DnsServer
from sandbox.errands import Errands
from sandbox.geography import practice_zone
from sandbox.options import Options
from sandbox.postman import Postman
from sandbox.profiles import PROFILES
from sandbox.receiver import Receiver, World
from sandbox.record import Record
from sandbox.settings import Switches
from sandbox.verification import Verification
from sandbox.zone import Record as ZoneRecord
from sandbox.zone import record as zone_record


class PortTaken(Exception):
    """A port cannot be listened on; the text names it and its environment variable."""


class Internet:
    """Owns every part. `start` may raise PortTaken; `stop` is safe after a failed start."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.switches = Switches(
            seed=options.seed,
            speed=options.speed,
            ambient=options.ambient,
            readers=options.readers,
            authentication=options.authentication,
        )
        self.record = Record(options.data_dir, options.keep_messages)
        self.zone = practice_zone()
        for owner, records in self.record.published().items():
            self.zone.publish(owner, [zone_record(**entry) for entry in records])
        self.dns = DnsServer(self.zone)
        hosts = [host.name for profile in PROFILES for host in profile.all_hosts()]
        tls, broken = server_contexts(options.data_dir, hosts)
        self._errands = Errands(self.record)
        self._browser = Browser(self.zone, options.http_port)
        aftermath = Aftermath(
            self.record,
            self.switches,
            {profile.name: profile for profile in PROFILES},
            self._errands,
            Postman(self.zone, options.inbound_port),
            self._browser,
        )
        self._verification = Verification(self.record, self.zone, options.dns_port, aftermath.plan)
        kept = self._verification.add
        world = World(self.zone, self.record, self.switches, tls, broken, kept)
        self.receivers = {profile.name: Receiver(profile, world) for profile in PROFILES}

    async def start(self) -> None:
        options = self._options
        try:
            await self.dns.start(options.dns_port)
        except OSError as error:
            raise PortTaken(_taken("TODOKU_SANDBOX_DNS_PORT", options.dns_port, error)) from error
        for receiver in self.receivers.values():
            try:
                await receiver.start(options.smtp_port)
            except OSError as error:
                name = "TODOKU_SANDBOX_SMTP_PORT"
                raise PortTaken(_taken(name, options.smtp_port, error)) from error
        self._verification.start()
        self._errands.start()

    async def stop(self) -> None:
        await self.dns.stop()
        for receiver in self.receivers.values():
            await receiver.stop()
        await self._verification.stop()
        await self._errands.stop()
        await self._browser.close()
        self.record.close()

    def publish(self, owner: str, records: Sequence[ZoneRecord]) -> None:
        """Serve and keep everything `owner` publishes. Raises RecordError."""
        self.zone.publish(owner, records)
        self.record.publish(
            owner,
            [
                {"name": entry.name, "kind": entry.type, "value": entry.value, "ttl_s": entry.ttl_s}
                for entry in records
            ],
        )

    def withdraw(self, owner: str) -> bool:
        self.record.withdraw(owner)
        return self.zone.withdraw(owner)

    def counts(self) -> dict[str, Any]:
        return {
            "messages": self.record.message_counts(),
            "outcomes": self.record.outcome_counts(),
            "errands": self.record.errand_counts(),
            "unverified": self.record.unverified_count(),
            "dns": dict(self.dns.counts),
        }

    def reset(self) -> None:
        """Forget what happened, and give every receiver its own character back."""
        self.record.clear()
        self.dns.questions.clear()
        self.dns.counts.clear()
        for receiver in self.receivers.values():
            receiver.reset()


def _taken(name: str, port: int, error: OSError) -> str:
    return f"{name}={port}: cannot listen there ({error.strerror or error})"
