"""A server that goes away costs the drain a pause, not its life, and no event."""

import threading

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from tracking.management.commands import drain_events
from tracking.services.drain import Drain


class ScriptedDrain(Drain):
    """Fails as told, then stops the loop."""

    def __init__(self, failures, stop):
        self.failures = list(failures)
        self.stop = stop
        self.rereads = 0

    def run_once(self, **_):
        if self.failures:
            raise self.failures.pop(0)
        self.stop.set()
        return 0

    def after_failure(self):
        self.rereads += 1


@pytest.mark.django_db
def test_failures_are_waited_out(monkeypatch):
    monkeypatch.setattr(drain_events, "FIRST_PAUSE_S", 0.01)
    stop = threading.Event()
    failures = [
        RedisConnectionError("connection refused"),
        OperationalError("the database system is starting up"),
        OSError("no such file"),
    ]
    drain = ScriptedDrain(failures, stop)
    drain_events.run_until_stopped(drain, stop)
    assert (drain.failures, drain.rereads) == ([], 3)


def test_a_mistake_of_ours_is_not_waited_out():
    stop = threading.Event()
    with pytest.raises(ZeroDivisionError):
        drain_events.run_until_stopped(ScriptedDrain([ZeroDivisionError()], stop), stop)
