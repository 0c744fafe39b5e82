"""Where the embedded servers listen, as URLs. Reading an address starts nothing.

The three clients of Redis spell a unix socket in two ways: redis-py and Django's cache `unix://`,
Celery's transport `redis+socket://`. Settings hold the first; `celery_broker_url` derives the
second.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from config import secret_files
from config.embedded.places import POSTGRES_PORT, find_places

DATABASE = "todoku"
ROLE = "todoku"
SUPERUSER = "postgres"


def role_password(var: Path) -> str:
    return secret_files.read_or_create(var / "postgres.password")


def superuser_password(var: Path) -> str:
    return secret_files.read_or_create(var / "postgres-superuser.password")


def valkey_password(var: Path) -> str:
    return secret_files.read_or_create(var / "valkey.password")


def database_url(var: Path, database: str = DATABASE) -> str:
    return _postgres_url(var, ROLE, role_password(var), database)


def superuser_url(var: Path) -> str:
    return _postgres_url(var, SUPERUSER, superuser_password(var), "postgres")


def _postgres_url(var: Path, user: str, password: str, database: str) -> str:
    host = quote(str(find_places(var).sockets), safe="")
    return f"postgresql://{user}:{password}@/{database}?host={host}&port={POSTGRES_PORT}"


def redis_url(var: Path, number: int = 0) -> str:
    places = find_places(var)
    return f"unix://:{valkey_password(var)}@{quote(str(places.valkey_socket))}?db={number}"


def with_redis_number(url: str, number: int) -> str:
    """Return the same server's URL with another database number."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=f"db={number}"))
    return urlunsplit(parts._replace(path=f"/{number}"))


def celery_broker_url(url: str) -> str:
    """Spell a Redis URL the way Celery's transport reads it (`redis+socket://` for a unix socket)."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    password = unquote(parts.password or "")
    return f"redis+socket://:{quote(password, safe='')}@{parts.path}?virtual_host={number}"


def django_database(url: str) -> dict[str, Any]:
    """Translate a PostgreSQL URL into Django's database dictionary."""
    # Imported here because the keeper's first milliseconds need addresses but not libpq.
    from psycopg.conninfo import conninfo_to_dict

    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    known = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: value for key, value in parts.items() if key not in known},
    }
    settings |= {django: parts[name] for name, django in known.items() if name in parts}
    return settings
