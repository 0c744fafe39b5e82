"""Carry opens, clicks and spooled unsubscribes into PostgreSQL, until stopped."""

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from tracking.services.drain import BLOCK_MS, Drain

logger = logging.getLogger(__name__)
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 10.0


class Command(BaseCommand):
    help = "Carry opens, clicks and spooled unsubscribes into PostgreSQL, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is waiting")

    def handle(self, *args: Any, **options: Any) -> None:
        redis = Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2)
        drain = Drain(
            redis=redis,
            consumer=settings.NODE,
            directory=settings.SPOOL_DIR,
            ip_kept=settings.TRACK_IP,
        )
        if options["once"]:
            total = 0
            while done := drain.run_once(now=timezone.now()):
                total += done
            self.stdout.write(f"{total} carried over")
        else:
            stop = threading.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            run_until_stopped(drain, stop)


def run_until_stopped(drain: Drain, stop: threading.Event) -> None:
    """Go round and round; while a server is away, ask again after ever longer pauses."""
    pause_s = 0.0
    while not stop.wait(pause_s):
        try:
            drain.run_once(now=timezone.now(), block_ms=BLOCK_MS)
            pause_s = 0.0
        except (DatabaseError, RedisError, OSError) as error:
            logger.warning("tracking.drain.waits %s", error)
            drain.after_failure()
            close_old_connections()
            pause_s = min(MAX_PAUSE_S, pause_s * 2 or FIRST_PAUSE_S)
