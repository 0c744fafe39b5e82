"""The test command's own servers: one database and one Redis number a worker."""

import os

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu import Connection


@pytest.mark.django_db
def test_database_is_this_workers_own():
    worker = os.environ.get("PYTEST_XDIST_WORKER")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_encoding')")
        name, encoding = cursor.fetchone()

    assert name == (f"test_todoku_{worker}" if worker else "test_todoku")
    assert encoding == "UTF8"


def test_redis_cache_and_broker_use_this_workers_number(redis_db):
    cache.set("colour", "blue")

    assert cache.get("colour") == "blue"
    assert redis_db.dbsize() == 1
    with Connection(settings.CELERY_BROKER_URL) as broker:
        queue = broker.SimpleQueue("letters")
        queue.put("hello")
        queue.close()
    assert redis_db.llen("letters") == 1


def test_redis_starts_each_test_empty(redis_db):
    assert redis_db.dbsize() == 0
