"""Stands in for the apps above: a source that knows every reader, a policy that closes who is gone."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from psycopg import AsyncConnection

from mailer import ports
from mailer.models import SourceIP
from mailer.ports import FailedOutcome, MailingSnapshot, MergedRecipient, NewSuppression
from mailer.realms import realm_for
from mailer.slots.runtime import Runtime
from mailer.slots.slice import runtime_options
from tests.factories.mailer import make_pool, make_source
from tests.integration.mailer.nameserver import NameServer
from tests.integration.mailer.receiver import Receiver


class PlainSource:
    """Fills in a name made of the reference; the ones in `deleted` are gone."""

    def __init__(self) -> None:
        self.deleted: set[int] = set()

    async def merge_data(
        self,
        connection: AsyncConnection[Any],
        mailing: MailingSnapshot,
        recipient_refs: Sequence[int],
    ) -> Mapping[int, MergedRecipient]:
        return {
            ref: MergedRecipient(f"読者{ref}", {"name": f"読者{ref}", "email": ""})
            for ref in recipient_refs
            if ref not in self.deleted
        }


class ClosesWhoIsGone:
    def suppressions(self, failures: Sequence[FailedOutcome]) -> Sequence[NewSuppression]:
        return [
            NewSuppression(failure, f"org:{failure.organisation_id}", "recipient_gone")
            for failure in failures
            if failure.may_suppress
        ]


@pytest.fixture
def plain_source() -> Iterator[PlainSource]:
    saved = dict(ports._message_sources)
    source = PlainSource()
    ports.register_message_source("plain", source)
    yield source
    ports._message_sources.clear()
    ports._message_sources.update(saved)


@pytest.fixture(autouse=True)
def cleaning_policy() -> Iterator[None]:
    saved = list(ports._cleaning_policies)
    ports.register_cleaning_policy(ClosesWhoIsGone())
    yield
    ports._cleaning_policies[:] = saved


@pytest.fixture
def source_row(db: None) -> SourceIP:
    return make_source(make_pool(is_default=False), "127.20.0.30")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def nameserver() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def practice_net(
    receiver: Receiver, nameserver: NameServer, settings: Any, tmp_path: Path
) -> Iterator[NameServer]:
    """The practice realm points to the scripted servers; `one.example` is served by the receiver."""
    settings.SANDBOX_DNS_PORT = nameserver.port
    settings.SANDBOX_SMTP_PORT = receiver.port
    settings.JOURNAL_DIR = tmp_path / "journal"
    settings.SPOOL_DIR = tmp_path / "spool"
    realm_for.cache_clear()
    nameserver.add_domain("one.example", receiver.address)
    yield nameserver
    realm_for.cache_clear()


@pytest.fixture
def runtime(
    practice_net: NameServer, plain_source: PlainSource, redis_db: Any, transactional_db: None
) -> Iterator[Runtime]:
    """A slot of this process, on the test database."""
    runtime = Runtime(runtime_options())
    runtime.start()
    yield runtime
    runtime.drain(5.0)
