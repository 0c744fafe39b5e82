"""The embedded PostgreSQL and Valkey: their addresses, and a way to hold them while we run."""

from config.embedded.addresses import (
    celery_broker_url,
    database_url,
    django_database,
    redis_url,
    with_redis_number,
)
from config.embedded.errors import EmbeddedServerError
from config.embedded.holding import (
    are_kept,
    hold_servers,
    needed_servers,
    release_servers,
    stop_servers,
)

__all__ = [
    "EmbeddedServerError",
    "are_kept",
    "celery_broker_url",
    "database_url",
    "django_database",
    "hold_servers",
    "needed_servers",
    "redis_url",
    "release_servers",
    "stop_servers",
    "with_redis_number",
]
