"""kill -9 of sender, Valkey and PostgreSQL during one run: nothing is lost, nobody gets two."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from config.launch.previous import survivors
from tests.e2e.installation import Installation, running_installation
from tests.e2e.marathon import Run, furnish, start
from tests.e2e.story import Shop, open_shop, sign_in

READERS = [f"never.walker{number}@gmail.com" for number in range(600)]
PROVIDER, RATE_PER_S = "google", 10.0  # from each of two addresses: 30 seconds without kills
CONNECTIONS = 10  # five from each address (mailer/engine/providers.toml)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop in an installation of its own, whose PostgreSQL commits to the disk as a real one does."""
    directory = tmp_path_factory.mktemp("kills")
    durable = {"TODOKU_EMBEDDED_FSYNC": "yes"}
    with running_installation(directory / "var", directory / "launch.log", durable) as running:
        shop = open_shop(running, "mamoru")
        furnish(shop, READERS)
        yield shop


def test_every_reader_gets_one_mail_whatever_is_killed(browser: Browser, shop: Shop):
    run = start(shop, "消えないたより", PROVIDER, RATE_PER_S)
    installation = shop.installation

    run.wait_for(50)
    os.kill(sender_processes(installation)[-1], signal.SIGKILL)
    run.wait_for(run.count() + 60, 60)
    os.kill(sender_processes(installation)[0], signal.SIGKILL)
    run.wait_for(run.count() + 60, 60)
    os.kill(server(installation, "valkey"), signal.SIGKILL)
    run.wait_for(run.count() + 60, 60)
    os.kill(server(installation, "postgres"), signal.SIGKILL)
    run.wait_for(run.count() + 60, 60)
    assert run.count() < len(READERS) - 20  # all four fell into the run

    found = run.wait_for_state("sent", 120)

    the_record_adds_up(run, found)
    page = browser.new_context(base_url=installation.url, locale="ja-JP").new_page()
    sign_in(page, shop)
    page.goto(run.page)
    expect(page.get_by_text("完了").first).to_be_visible()


def the_record_adds_up(run: Run, found: dict[str, object]) -> None:
    """Compare the receivers' record with the ledger, reader by reader."""
    received = run.recipients()
    in_doubt = set(addresses(run, "UNCERTAIN"))
    missing = set(READERS) - set(received) - in_doubt
    message_ids = Counter(str(message["message_id"]) for message in run.received())
    sys.stdout.write(
        f"\nreceived {len(received)} readers, {received.total()} messages; lost {len(missing)};"
        f" in doubt {len(in_doubt)}, of which arrived {len(in_doubt & set(received))};"
        f" ledger {found['ledger']}\n"
    )
    assert missing == set()
    assert set(received.values()) == {1}
    assert set(message_ids.values()) == {1}
    # Only the sender's own deaths leave doubt, at most one message a connection.
    assert len(in_doubt) <= 2 * CONNECTIONS
    assert set(addresses(run, "ACCEPTED")) == set(READERS) - in_doubt
    assert found["accepted"] == len(READERS) - len(in_doubt)
    assert found["uncertain"] == len(in_doubt)


def addresses(run: Run, state: str) -> list[str]:
    found = run.shop.value(
        "list(Delivery.objects.filter(mailing_id=Campaign.objects.get("
        f"pk={run.campaign}).mailing_id, state=DeliveryState.{state})"
        ".values_list('address', flat=True))"
    )
    assert isinstance(found, list)
    return found


def sender_processes(installation: Installation) -> list[int]:
    """Return the sender's worker and then its child, which does the work."""
    parents = {pid: _parent(pid) for pid in survivors(installation.var) if _name(pid) == "sender"}
    top = [pid for pid, parent in parents.items() if parent == installation.launcher.pid]
    return [*top, *(pid for pid, parent in parents.items() if parent in top)]


def server(installation: Installation, name: str) -> int:
    status = json.loads((installation.var / "run" / "keeper.json").read_text())
    return int(status["servers"][name]["pid"])


def _name(pid: int) -> str:
    """Return the short name of a process: the launcher gives its children those of its table."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    # The command in brackets may itself contain brackets and spaces: proc(5), /proc/pid/stat.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
