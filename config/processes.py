"""The one table of processes: what the launcher starts, compose runs and docs/operations lists."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.health import Banner, CeleryPing, Check, FreshFile, Http, Present

# Celery's scheduler writes its file every three minutes (PersistentScheduler.sync_every).
BEAT_SILENCE_S = 600


@dataclass(frozen=True)
class Port:
    """A port that a process listens on, and the variable that changes it."""

    number: int
    variable: str
    host: str
    is_udp: bool = False


@dataclass(frozen=True)
class Process:
    """One long-running process; `stops_in` orders the end, lower numbers first."""

    name: str
    does: str
    command: tuple[str, ...]
    health: Check
    stops_in: int
    ports: tuple[Port, ...] = ()
    # The launcher forks it from itself, with Django loaded, instead of executing the command.
    is_forked: bool = False


@dataclass(frozen=True)
class Options:
    """What differs between installations."""

    bind: str = "127.0.0.1"
    # The host of the pages' address, which the web process is asked by.
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    tracker_port: int = 8010
    inbound_port: int = 2526
    sandbox_dns_port: int = 5354
    sandbox_smtp_port: int = 2525
    sandbox_http_port: int = 8020
    node: str = "node1"
    slots: int = 1
    var: Path = Path("var")
    has_practice: bool = True

    @property
    def here(self) -> str:
        """An address of this machine that leads to what listens on `bind`."""
        every_address = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        return every_address.get(self.bind, self.bind)


def table(options: Options) -> list[Process]:
    """Return all processes of one machine, in the order of their start."""
    processes = [web(options), tracker(options), worker(options), sender(options)]
    processes += [beat(options), inbound(options), drain()]
    return [sandbox(options), *processes] if options.has_practice else processes


def web(options: Options) -> Process:
    host = f"[{options.bind}]" if ":" in options.bind else options.bind
    return Process(
        "web",
        "the pages",
        (
            "gunicorn", "config.wsgi",
            "--bind", f"{host}:{options.web_port}",
            "--preload", "--workers", "2", "--threads", "4",
            "--graceful-timeout", "10", "--no-control-socket",
        ),
        Http(options.here, options.web_port, options.web_host),
        stops_in=1,
        ports=(Port(options.web_port, "TODOKU_WEB_PORT", options.bind),),
        is_forked=True,
    )  # fmt: skip


def tracker(options: Options) -> Process:
    return Process(
        "tracker",
        "opens, clicks and unsubscribing",
        (
            "uvicorn", "config.asgi:application",
            "--host", options.bind, "--port", str(options.tracker_port),
            "--no-access-log", "--timeout-graceful-shutdown", "5",
        ),
        Http(options.here, options.tracker_port),
        stops_in=3,
        ports=(Port(options.tracker_port, "TODOKU_TRACKER_PORT", options.bind),),
        is_forked=True,
    )  # fmt: skip


def worker(options: Options) -> Process:
    return Process(
        "worker",
        "imports, planning, DNS checks, reports",
        celery_worker("default,plan", f"worker@{options.node}", 2),
        CeleryPing(f"worker@{options.node}"),
        stops_in=2,
        is_forked=True,
    )


def sender(options: Options) -> Process:
    return Process(
        "sender",
        "sends: one slot a core",
        celery_worker(f"deliver.{options.node}", f"sender@{options.node}", options.slots),
        CeleryPing(f"sender@{options.node}"),
        stops_in=2,
        is_forked=True,
    )


def celery_worker(queues: str, node_name: str, concurrency: int) -> tuple[str, ...]:
    # Celery would run all of Django's checks and so import every page, a second each; ours run
    # when the worker starts (config.celery).
    return (
        "celery", "-A", "config.celery", "--skip-checks", "worker",
        "-Q", queues, "-n", node_name, "-c", str(concurrency),
        "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    )  # fmt: skip


def beat(options: Options) -> Process:
    schedule = options.var / "beat-schedule"
    return Process(
        "beat",
        "the clock: what is due",
        # Without a pid file: one that a killed beat left behind would stop the next one.
        ("celery", "-A", "config.celery", "beat", "-s", str(schedule), "--pidfile="),
        FreshFile(schedule, BEAT_SILENCE_S),
        stops_in=1,
        is_forked=True,
    )


def inbound(options: Options) -> Process:
    return Process(
        "inbound",
        "receives bounces, complaints and unsubscribing by mail",
        ("python", "manage.py", "inbound"),
        Banner(options.here, options.inbound_port),
        stops_in=3,
        ports=(Port(options.inbound_port, "TODOKU_INBOUND_PORT", options.bind),),
        is_forked=True,
    )


def drain() -> Process:
    return Process(
        "drain",
        "writes opens and clicks into the database",
        ("python", "manage.py", "drain_events"),
        Present(("manage.py", "drain_events")),
        stops_in=3,
        is_forked=True,
    )


def sandbox(options: Options) -> Process:
    # The receivers live on addresses 127.10.x.y of their own, hence every address is looked at.
    dns, smtp = options.sandbox_dns_port, options.sandbox_smtp_port
    return Process(
        "sandbox",
        "the practice internet",
        ("python", "-m", "sandbox", "--ambient", "--readers", "--speed", "20"),
        Http("127.0.0.1", options.sandbox_http_port),
        stops_in=4,
        ports=(
            Port(dns, "TODOKU_SANDBOX_DNS_PORT", "127.0.0.1", is_udp=True),
            Port(dns, "TODOKU_SANDBOX_DNS_PORT", "127.0.0.1"),
            Port(smtp, "TODOKU_SANDBOX_SMTP_PORT", "0.0.0.0"),  # noqa: S104 - looked at, not opened
            Port(options.sandbox_http_port, "TODOKU_SANDBOX_HTTP_PORT", "127.0.0.1"),
        ),
    )


def configured_table() -> list[Process]:
    """Return the table of this installation, from its settings."""
    # Imported late: the table itself can be read without settings.
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    return table(
        Options(
            bind=settings.BIND_ADDRESS,
            web_host=urlsplit(settings.BASE_URL).hostname or "",
            web_port=settings.WEB_PORT,
            tracker_port=settings.TRACKER_PORT,
            inbound_port=settings.INBOUND_PORT,
            sandbox_dns_port=settings.SANDBOX_DNS_PORT,
            sandbox_smtp_port=settings.SANDBOX_SMTP_PORT,
            sandbox_http_port=settings.SANDBOX_HTTP_PORT,
            node=settings.NODE,
            slots=settings.SLOTS,
            var=settings.VAR_DIR,
            has_practice=settings.PRACTICE_ENABLED,
        )
    )
