"""Short ways to a mailing that slots can send, and to background work of a slot."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.utils import timezone

from mailer.models import LaneLimit, Mailing, SourceIP
from mailer.services.resolve import resolve_mailing
from tests.factories.mailer import make_mailing, plan_addresses

PROVIDER = "mx:mx#.one.example"


def ready_mailing(number: int, *, domain: str = "one.example", **fields: Any) -> Mailing:
    """A planned and resolved mailing to `number` readers of one domain."""
    now = timezone.now()
    mailing = make_mailing(**{"now": now, **fields})
    plan_addresses(mailing, [f"reader{n}@{domain}" for n in range(number)], now)
    resolve_mailing(mailing_id=mailing.pk, now=now)
    mailing.refresh_from_db()
    return mailing


def limit_lane(*, provider: str = PROVIDER, **limits: Any) -> None:
    """Override the limits of every source for one provider; fast unless told otherwise."""
    for source in SourceIP.objects.all():
        LaneLimit.objects.update_or_create(
            source=source,
            provider=provider,
            defaults={"rate_per_s": 5_000, "connections": 5, **limits},
        )


@contextmanager
def working(act: Callable[[], object]) -> Iterator[None]:
    """Run `act` in a thread beside the test, and wait for its end."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 raised again in the test's own thread
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(60)
        assert not thread.is_alive()
    assert not failures, failures


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def keep_working(runtime: Any, seconds: float) -> None:
    """One slice after the other, as beat would ask for them."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        runtime.work(min(left, 2.0))
        time.sleep(0.05)
