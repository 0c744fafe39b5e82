"""Settings of the test command: the real ones, in a directory and a Redis number of their own.

Read before anything else (pytest-django imports settings before any conftest). The first process of
a run makes the directory; the workers of pytest-xdist find its name in the environment, and so
share one pair of servers. A `DATABASE_URL` or `REDIS_URL` in the environment is honoured: the tests
then use that server.
"""

import os
import tempfile
from pathlib import Path

if "TODOKU_TEST_VAR" not in os.environ:
    directory = tempfile.mkdtemp(prefix="todoku-test-")
    # As root the servers run under another account, which has to walk through.
    Path(directory).chmod(0o711)
    os.environ["TODOKU_TEST_VAR"] = directory
    os.environ["TODOKU_TEST_OWNER"] = str(os.getpid())
os.environ["TODOKU_VAR"] = os.environ["TODOKU_TEST_VAR"]
# Speed, for data that nobody keeps.
os.environ.setdefault("TODOKU_EMBEDDED_FSYNC", "no")

from config.settings import *  # noqa: F403 - everything, as it is in the product
from config.settings import CACHES, REDIS_URL, STATIC_ROOT

from config import embedded  # isort: skip

# gw0 has number 1, gw1 number 2; a run without workers number 0.
REDIS_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
REDIS_URL = embedded.with_redis_number(REDIS_URL, REDIS_NUMBER)
CACHES["default"]["LOCATION"] = REDIS_URL
CELERY_BROKER_URL = embedded.celery_broker_url(REDIS_URL)

# A real hasher costs a tenth of a second for every sign-in of every test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest names files that only collectstatic makes.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# WhiteNoise warns about a directory that is not there.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Looks files up when asked, instead of at the start in a directory that a test run does not have.
WHITENOISE_AUTOREFRESH = True
