"""The embedded PostgreSQL and Valkey: their addresses, and a way to hold them while we run."""

from config.embedded.addresses import database_url, django_database, redis_url

__all__ = ["database_url", "django_database", "redis_url"]
