"""A public installation refuses values that hurt somebody; a laptop is left alone."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import checks

SAFE = {
    "BASE_URL": "https://mail.example.jp",
    "ALLOWED_HOSTS": ["mail.example.jp"],
    "TRACKER_URL": "https://t.example.jp",
    "INBOUND_HOST": "in.example.jp",
    "DEBUG": False,
}


@pytest.fixture
def public(settings, monkeypatch):
    for name, value in SAFE.items():
        setattr(settings, name, value)
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/todoku")
    monkeypatch.setenv("TODOKU_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("TODOKU_MASTER_KEY", "m" * 40)
    return settings


def found():
    return [message.id for message in checks.check_values()]


def test_safe_installation_passes(public):
    assert found() == []
    checks.refuse_unsafe(look=())


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEBUG", True, "todoku.E001"),
        ("ALLOWED_HOSTS", ["*"], "todoku.E004"),
        ("ALLOWED_HOSTS", ["localhost"], "todoku.E005"),
        ("TRACKER_URL", "http://127.0.0.1:8010", "todoku.E006"),
        ("INBOUND_HOST", "inbound.todoku.example", "todoku.W001"),
    ],
)
def test_unsafe_value_is_named(public, name, value, fault):
    setattr(public, name, value)

    assert found() == [fault]


@pytest.mark.parametrize(("value", "fault"), [("", "todoku.E003"), ("short", "todoku.E002")])
def test_key_must_be_long_and_shared(public, monkeypatch, value, fault):
    monkeypatch.setenv("TODOKU_MASTER_KEY", value)

    assert found() == [fault]
    with pytest.raises(ImproperlyConfigured, match="TODOKU_MASTER_KEY"):
        checks.refuse_unsafe(look=())


def test_laptop_is_left_alone(public):
    public.BASE_URL = "http://127.0.0.1:8000"
    public.DEBUG = True

    assert found() == []


@pytest.mark.parametrize(
    ("information", "version", "faults"),
    [
        ({"maxmemory-policy": "noeviction", "appendonly": "yes"}, "7.2.4", 0),
        ({}, "8.0.0", 0),
        ({"maxmemory-policy": "allkeys-lru", "appendonly": "yes"}, "7.2.4", 1),
        ({"maxmemory-policy": "noeviction", "appendonly": "no"}, "7.2.4", 1),
        ({"maxmemory-policy": "noeviction", "appendonly": "yes"}, "6.2.0", 1),
    ],
)
def test_redis_that_loses_events_is_refused(information, version, faults):
    assert len(list(checks.redis_faults(information, version))) == faults
