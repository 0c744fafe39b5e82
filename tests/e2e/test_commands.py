"""The three commands that operators run, against a whole installation."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.installation import ROOT, Installation, running_installation
from tests.e2e.marathon import Run, call, furnish, start
from tests.e2e.story import Shop, both_signatures_verify, open_shop

READERS = [f"never.walker{number}@gmail.com" for number in range(5)]
IMPORT_KEYS = {
    "encoding", "read", "created", "updated", "unchanged", "duplicates", "excluded", "errors",
    "error_rows",
}  # fmt: skip
PEOPLE = "メールアドレス,氏名\r\nnever.a@gmail.com,髙橋 花\r\nnever.a@gmail.com,髙橋 花\r\n壊れた行,森\r\n"
NOT_WORKERS = "sandbox,web,tracker,inbound"


@pytest.fixture(scope="module")
def shop(installation: Installation) -> Shop:
    shop = open_shop(installation, "meirei")
    furnish(shop, READERS)
    return shop


def test_import_readers_prints_the_counts_of_the_upload(installation: Installation, tmp_path: Path):
    file = tmp_path / "名簿.csv"
    file.write_bytes(PEOPLE.encode("cp932"))
    arguments = ("--organisation", "atarashii", "--create", "--consent", "consent", "--json")
    printed = installation.manage_json("import_readers", str(file), *arguments)
    assert set(printed) == IMPORT_KEYS
    assert printed == {
        "encoding": "cp932", "read": 3, "created": 1, "updated": 0, "unchanged": 0,
        "duplicates": 1, "excluded": {}, "errors": 1,
        "error_rows": [{"line": 4, "reason": "no-at-sign"}],
    }  # fmt: skip
    again = installation.manage_json("import_readers", str(file), *arguments)
    assert (again["created"], again["unchanged"], again["duplicates"]) == (0, 1, 1)


def test_render_message_prints_what_was_delivered(shop: Shop):
    run = start(shop, "同じたより", "google", 50)
    run.wait_for_state("sent")
    reader = READERS[3]
    delivered = next(m for m in run.received() if m["rcpt_to"] == [reader])
    raw = shop.installation.sandbox.raw(int(delivered["id"]))

    printed = render(shop, run.campaign, reader)

    assert both_signatures_verify(printed, shop.installation.sandbox.ports.dns)
    assert both_signatures_verify(raw, shop.installation.sandbox.ports.dns)
    assert without_date(printed) == without_date(raw)
    assert run.count() == len(READERS)  # printing sends nothing


def test_send_campaign_waits_for_the_workers_and_prints_the_ledger(shop: Shop):
    campaign = call(shop.installation, "draft", shop.slug, "命令のたより")
    printed = shop.installation.manage_json("send_campaign", str(campaign), "--wait", "--json")
    assert printed["state"] == "sent"
    assert printed["planned"] == printed["counts"]["accepted"] == len(READERS)
    assert Run(shop, campaign, "命令のたより").recipients() == dict.fromkeys(READERS, 1)


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop in an installation whose workers, sender and clock are not running."""
    directory = tmp_path_factory.mktemp("idle")
    var, log = directory / "var", directory / "launch.log"
    with running_installation(var, log, only=NOT_WORKERS) as running:
        shop = open_shop(running, "yasumi")
        furnish(shop, READERS)
        yield shop


def test_send_campaign_says_that_nobody_works_and_nothing_leaves(idle: Shop):
    campaign = call(idle.installation, "draft", idle.slug, "動かないたより")
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "manage.py", "send_campaign", str(campaign), "--wait", "--json",
         "--timeout", "16"],
        cwd=ROOT, env=dict(idle.installation.environment), capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no worker answers; nothing leaves" in done.stderr
    printed = json.loads(done.stdout)
    assert printed["planned"] == len(READERS)
    assert {name: n for name, n in printed["counts"].items() if n} == {"unresolved": len(READERS)}
    assert idle.received() == []


def render(shop: Shop, campaign: int, reader: str) -> bytes:
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "manage.py", "render_message", str(campaign), "--reader", reader],
        cwd=ROOT, env=dict(shop.installation.environment), capture_output=True, check=True,
        timeout=60,
    )  # fmt: skip
    return done.stdout


def without_date(raw: bytes) -> bytes:
    """Return the message without what depends on the moment: Date and the signatures over it."""
    head, body = raw.split(b"\r\n\r\n", 1)
    fields = re.split(rb"\r\n(?![ \t])", head)
    moment = (b"date:", b"dkim-signature:")
    kept = [field for field in fields if not field.lower().startswith(moment)]
    assert len(fields) - len(kept) == 3
    return b"\r\n".join(kept) + b"\r\n\r\n" + body
