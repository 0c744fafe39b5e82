"""Where the embedded servers listen. Reading an address starts nothing."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


def database_url(var: Path) -> str:
    return f"postgresql://todoku@/todoku?host={var}/run"


def redis_url(var: Path) -> str:
    return f"unix://{var}/run/valkey.sock"


def django_database(url: str) -> dict[str, Any]:
    """Translate a PostgreSQL URL into Django's database dictionary."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {key: value for key, value in parts.items() if key not in known},
    }
    settings |= {django: parts[name] for name, django in known.items() if name in parts}
    return settings
