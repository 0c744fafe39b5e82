"""The web process: `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from config.embedded import hold_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

hold_servers()
application = get_wsgi_application()
# Django must be set up first.
from config.checks import refuse_unsafe  # noqa: E402 - needs the settings module

refuse_unsafe()
