"""The Celery application: `celery -A config.celery worker|beat`."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured

from config.embedded import EmbeddedServerError, hold_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("todoku")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# `current_app` is kept per thread; without a default, the threads of the web process would ask a
# Celery of their own making that knows no broker.
app.set_default()


def _hold(**_event: Any) -> None:
    """A worker or beat needs broker and database from its first moment; a client that only sends
    has its own.
    """
    from config.checks import refuse_unsafe

    try:
        hold_servers()
        refuse_unsafe()
    except (EmbeddedServerError, ImproperlyConfigured) as error:
        sys.exit(str(error))


# The signals keep weak references; `_hold` lives as long as the module.
worker_init.connect(_hold)
beat_init.connect(_hold)
