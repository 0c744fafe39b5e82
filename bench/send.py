"""Messages per second of the whole path: lease → fill → MIME → DKIM → SMTP → durable outcome.

    python -m bench.send --messages N [--slots K] [--rounds R] [--domains D] [--ed25519] [--json]

Runs the production task in K processes against a sink in another process, on a PostgreSQL and a Valkey of its own,
with limits, a daily cap, suppression, journal and durable commits on. Nothing is signed beforehand. What the sink
accepted is compared with the ledger; a difference is an error. Medians over the rounds, with minimum and maximum.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SINK_ADDRESS = "127.10.0.1"
CONNECTIONS = 20
WAIT_S = 600.0


@dataclass
class Round:
    messages_per_second: float
    cpu_us_per_message: float
    rss_mb: float
    message_bytes: int


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="todoku-bench-") as directory:
        Path(directory).chmod(0o711)  # as root the servers run under another account
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "TODOKU_VAR": directory,
            "TODOKU_NODE": "bench",
            "TODOKU_LOG_LEVEL": "ERROR",
        }
        rounds = _run(options)
    rates = [r.messages_per_second for r in rounds]
    report = {
        "messages_per_second": round(statistics.median(rates)),
        "minimum": round(min(rates)),
        "maximum": round(max(rates)),
        "slots": options.slots,
        "messages": options.messages,
        "domains": options.domains,
        "message_bytes": rounds[0].message_bytes,
        "signatures": "rsa-2048 + ed25519" if options.ed25519 else "rsa-2048",
        "tls": False,
        "commit": "synchronous_commit on, fsync on, journal fdatasync",
        "cpu_us_per_message": round(statistics.median(r.cpu_us_per_message for r in rounds)),
        "rss_mb": round(max(r.rss_mb for r in rounds)),
        "postfix_opendkim_per_second": None,
        "ratio_to_postfix_opendkim": None,
    }
    print(json.dumps(report) if options.json else _words(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--domains", type=int, default=1)
    parser.add_argument("--ed25519", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> list[Round]:
    from config.embedded import hold_servers, stop_servers

    hold_servers()
    try:
        return _measure(options)
    finally:
        from django.db import connection

        connection.close()
        stop_servers(Path(os.environ["TODOKU_VAR"]))


def _measure(options: argparse.Namespace) -> list[Round]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench import source

    call_command("migrate", verbosity=0)
    source.register()
    with connection.cursor() as cursor:
        cursor.execute(source.TABLE)
        cursor.execute(source.readers_sql(), [options.messages])
        cursor.execute("ANALYZE bench_reader")
    domain = _sender(options.ed25519)
    return [_round(options, domain) for _ in range(options.rounds)]


def _sender(has_ed25519: bool) -> Any:
    """Make the organisation, its verified domain and its one source IP."""
    from django.utils import timezone

    from accounts.models import Organisation
    from mailer.models import DomainState, Pool, SourceIP
    from mailer.services.domains import add_sending_domain

    now = timezone.now()
    organisation = Organisation.objects.create(name="Bench", slug="bench", kind="practice")
    pool = Pool.objects.create(name="bench", kind="practice", is_default=True)
    SourceIP.objects.create(
        pool=pool, address="127.20.0.1", ehlo_name="out1.bench.example", node="bench"
    )
    domain = add_sending_domain(
        organisation=organisation, name="bench.example", actor=None, now=now
    )
    domain.keys.update(state="active")
    if not has_ed25519:
        domain.keys.filter(algorithm="ed25519").update(state="retired")
    domain.state = DomainState.VERIFIED
    domain.save(update_fields=["state"])
    return domain


def _round(options: argparse.Namespace, domain: Any) -> Round:
    from django.conf import settings

    from mailer.realms import realm_for

    sink = _start("bench.sink", SINK_ADDRESS)
    ports = json.loads(_line(sink))
    settings.SANDBOX_DNS_PORT = ports["dns_port"]
    realm_for.cache_clear()
    os.environ["TODOKU_SANDBOX_DNS_PORT"] = str(ports["dns_port"])
    os.environ["TODOKU_SANDBOX_SMTP_PORT"] = str(ports["smtp_port"])
    mailing = _planned(options, domain)
    slots = [_start("bench.slot", str(number)) for number in range(options.slots)]
    for slot in slots:
        _line(slot)
    before = [_cpu_s(slot.pid) for slot in slots]
    for slot in slots:
        _write(slot, "go\n")
    finished = _wait(mailing)
    cpu_s = sum(_cpu_s(slot.pid) for slot in slots) - sum(before)
    rss_mb = max(_rss_mb(slot.pid) for slot in slots)
    for slot in slots:
        slot.communicate(timeout=60)
    report = json.loads(sink.communicate(timeout=60)[0])
    if not report["accepted"] == report["recipients"] == options.messages == mailing.accepted:
        sys.exit(f"the sink has {report}, the ledger {mailing.accepted}: they must agree")
    return Round(
        # From the first acceptance at the sink to the last durable outcome in the ledger.
        messages_per_second=options.messages / (report["seconds"] + finished - report["last"]),
        cpu_us_per_message=cpu_s * 1e6 / options.messages,
        rss_mb=rss_mb,
        message_bytes=report["octets"] // options.messages,
    )


def _planned(options: argparse.Namespace, domain: Any) -> Any:
    """Plan, resolve, and set the lanes' limits high, but on."""
    from django.utils import timezone

    from bench.message import newsletter
    from mailer.engine.content import compile_content
    from mailer.models import Delivery, LaneLimit, SourceIP
    from mailer.services.mailings import create_mailing, plan_mailing
    from mailer.services.resolve import resolve_mailing

    now = timezone.now()
    mailing = create_mailing(
        organisation=domain.organisation,
        kind="campaign",
        reference="bench",
        source="bench",
        content=compile_content(newsletter()),
        sending_domain=domain,
        from_name="秋の店",
        from_address="news@bench.example",
        reply_to="shop@bench.example",
        list_id="news.bench.example",
        suppression_scopes=["installation", "org:1", "list:1"],
        unsubscribe_scope="list:1",
        tracks_opens=True,
        tracks_clicks=True,
        now=now,
    )
    plan_mailing(
        mailing=mailing,
        recipients_sql=(
            "SELECT id AS recipient_ref, 'r' || id || '@d' || id %% %s || '.example' AS address,"
            " decode(md5(id::text), 'hex') AS address_key, 'd' || id %% %s || '.example' AS domain,"
            " id AS rank, 0 AS merge_version FROM bench_reader"
        ),
        params=[options.domains, options.domains],
        now=now,
    )
    resolve_mailing(mailing_id=mailing.pk, now=now)
    source = SourceIP.objects.get()
    providers = Delivery.objects.filter(mailing_id=mailing.pk).values_list("provider", flat=True)
    LaneLimit.objects.bulk_create(
        [
            LaneLimit(
                source=source,
                provider=provider,
                rate_per_s=20_000,
                connections=CONNECTIONS,
                messages_per_connection=1_000,
                daily_cap=100_000_000,
            )
            for provider in providers.distinct()
        ],
        ignore_conflicts=True,
    )
    return mailing


def _wait(mailing: Any) -> float:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        mailing.refresh_from_db()
        if mailing.is_finished:
            return time.monotonic()
        time.sleep(0.05)
    sys.exit(f"only {mailing.accepted} of {mailing.planned} messages in {WAIT_S:.0f} s")


def _start(module: str, argument: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 our own modules
        [sys.executable, "-m", module, argument],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 a pipe, see `_start`
    return process.stdout.readline()


def _write(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None  # noqa: S101 a pipe, see `_start`
    process.stdin.write(text)
    process.stdin.flush()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _words(report: dict[str, Any]) -> str:
    return "\n".join(f"{name:30} {value}" for name, value in report.items())


if __name__ == "__main__":
    main()
