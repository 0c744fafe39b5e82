"""The tracker process: `uvicorn config.asgi:application`.

It looks at values only, not at the servers: links must lead on while the database is away.
"""

import os

from config.embedded import hold_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
hold_servers()

# Sets Django up; the checks need that.
from tracking.asgi import application  # noqa: E402 - needs the settings module

from config.checks import refuse_unsafe  # noqa: E402  # isort: skip

refuse_unsafe(look=())

__all__ = ["application"]
