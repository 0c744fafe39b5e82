"""Refuse values that are unsafe in production, and servers that would lose data.

Checks of values are Django system checks: every management command runs them. `refuse_unsafe` runs
them, and looks at the servers, when a long-running process starts.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import redis
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from config import env

OLDEST_POSTGRESQL = 15
OLDEST_REDIS = 7
SHORTEST_KEY = 32
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_public() -> bool:
    """Say whether people reach this installation by https: then mistakes have victims."""
    return settings.BASE_URL.startswith("https://")


@register(Tags.security)
def check_values(
    app_configs: Sequence[AppConfig] | None = None, **_options: Any
) -> list[CheckMessage]:
    """Return what is unsafe about the settings of a public installation."""
    return [*_secrets(), *_addresses(), *_debugging()] if is_public() else []


def _debugging() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error("TODOKU_DEBUG=yes shows the program's insides to strangers.", id="todoku.E001")


def _secrets() -> Iterator[CheckMessage]:
    for name in ("TODOKU_SECRET_KEY", "TODOKU_MASTER_KEY"):
        value = env.text(name, "")
        if value and len(value) < SHORTEST_KEY:
            yield Error(f"{name} is shorter than {SHORTEST_KEY} characters.", id="todoku.E002")
        if not value and env.text("DATABASE_URL", ""):
            yield Error(
                f"{name} is not set, but the database is shared: every machine would make a key of "
                "its own, and none could read what another has sealed.",
                hint=f"Set {name} or {name}_FILE to the same value everywhere.",
                id="todoku.E003",
            )


def _addresses() -> Iterator[CheckMessage]:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("TODOKU_HOSTS=* believes every Host header.", id="todoku.E004")
    elif host not in settings.ALLOWED_HOSTS:
        yield Error(
            f"TODOKU_HOSTS does not name {host}, the host of TODOKU_BASE_URL.", id="todoku.E005"
        )
    tracker = urlsplit(settings.TRACKER_URL)
    if tracker.scheme != "https" or tracker.hostname in LOOPBACK:
        yield Error(
            f"TODOKU_TRACKER_URL={settings.TRACKER_URL}: readers' mail programs cannot unsubscribe "
            "there. One-click unsubscribing needs https (RFC 8058 §3.1).",
            id="todoku.E006",
        )
    if settings.INBOUND_HOST.endswith(".example"):
        yield Warning(
            f"TODOKU_INBOUND_HOST={settings.INBOUND_HOST}: bounces will not reach us.",
            hint="Set it to the host name under which port 25 leads to the inbound process.",
            id="todoku.W001",
        )


def redis_faults(information: dict[str, str], version: str) -> Iterator[str]:
    """Yield what is wrong with a Redis, from its configuration and version."""
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield f"Redis {version} is too old; {OLDEST_REDIS} or newer is needed"
    policy = information.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        yield (
            f"Redis may throw queued events away (maxmemory-policy {policy}); set it to noeviction"
        )
    if information.get("appendonly", "yes") != "yes":
        yield "Redis forgets events when it restarts (appendonly no); set it to yes"


def _look_at_redis() -> Iterator[str]:
    information: dict[str, str] = {}
    try:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            version = str(client.info("server")["redis_version"])
            # Some hosted services forbid CONFIG; then the promise is theirs to make.
            with contextlib.suppress(redis.ResponseError):
                information = client.config_get("maxmemory-policy", "appendonly")
    except redis.ConnectionError as error:
        yield f"Redis does not answer: {error}"
        return
    yield from redis_faults(information, version)


def _look_at_postgresql() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            major = int(cursor.fetchone()[0]) // 10000
    except OperationalError as error:
        yield f"PostgreSQL does not answer: {error}"
        return
    finally:
        connection.close()
    if major < OLDEST_POSTGRESQL:
        yield f"PostgreSQL {major} is too old; {OLDEST_POSTGRESQL} or newer is needed"


def refuse_unsafe(
    look: Sequence[Callable[[], Iterator[str]]] = (_look_at_redis, _look_at_postgresql),
) -> None:
    """Raise ImproperlyConfigured, naming every fault, unless values and servers are safe."""
    faults = [
        str(message.msg)
        for message in run_checks(tags=[Tags.security])
        if message.is_serious() and str(message.id).startswith("todoku.")
    ]
    for question in look:
        faults += question()
    if faults:
        raise ImproperlyConfigured("Todoku does not start like this: " + " ".join(faults))
