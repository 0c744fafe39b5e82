"""Celery tasks of the delivery engine, and the life of a sender worker around them.

Each task calls one service, tolerates unknown keywords, and may run twice.
"""

import signal
from types import FrameType
from typing import Any

from celery import shared_task
from celery.signals import (
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
)
from django.conf import settings
from django.utils import timezone

from mailer.enqueue import request_slices
from mailer.services.partitions import ensure_month_partitions
from mailer.services.resolve import resolve_mailing
from mailer.services.tick import due_nodes
from mailer.services.tick import tick as run_tick
from mailer.slots import slice as slices
from mailer.slots.node import NodeHeart

MONTHLY_TABLES = ("mailer_attempt",)

_heart: NodeHeart | None = None


@shared_task(name="mailer.tick")
def tick(**_unknown: Any) -> None:
    run_tick(now=timezone.now())


@shared_task(name="mailer.resolve")
def resolve(*, mailing_id: int, **_unknown: Any) -> None:
    now = timezone.now()
    if resolve_mailing(mailing_id=mailing_id, now=now):
        request_slices(due_nodes(now=now))


@shared_task(name="mailer.run_slice")
def run_slice(*, slot: int, **_unknown: Any) -> None:
    slices.run_slice(slot=slot)


@shared_task(name="mailer.make_partitions")
def make_partitions(**_unknown: Any) -> None:
    for table in MONTHLY_TABLES:
        ensure_month_partitions(table=table, now=timezone.now())


@worker_ready.connect
def _show_node(sender: Any = None, **_event: Any) -> None:
    """A worker that takes this node's slices says so, again and again."""
    global _heart
    if f"deliver.{settings.NODE}" in sender.app.amqp.queues.consume_from:
        _heart = NodeHeart()
        _heart.start()


@worker_shutdown.connect
def _hide_node(**_event: Any) -> None:
    if _heart is not None:
        _heart.stop()


@worker_process_init.connect
def _obey_terminate(**_event: Any) -> None:
    """Celery leaves SIGTERM of pool processes at "die at once"; a slot gives its leases back first."""
    signal.signal(signal.SIGTERM, _terminate)


@worker_process_shutdown.connect
def _end_runtime(**_event: Any) -> None:
    slices.drain_runtime()


def _terminate(_number: int, _frame: FrameType | None) -> None:
    slices.drain_runtime()
    raise SystemExit(0)
