"""The sender worker's main process tells beat that this node takes slices."""

import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from mailer.program import run
from mailer.slots.life import show_node

logger = logging.getLogger(__name__)

EVERY_S = 15.0


class NodeHeart:
    """A thread that writes the node's row again and again until it is stopped."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="todoku-node", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _beat(self) -> None:
        while True:
            try:
                run(show_node(settings.NODE, settings.SLOTS, timezone.now()))
            except DatabaseError as error:
                logger.warning("node.heartbeat_failed error=%s", error)
            finally:
                # Pool processes are forked from this one: no connection stays open between two beats.
                connection.close()
            if self._stop.wait(EVERY_S):
                return
