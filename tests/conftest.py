"""Fixtures of all tests: the servers (started only for tests that need them), Redis, and the
corpus.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from config.embedded import hold_servers, release_servers, stop_servers
from config.embedded.places import find_places
from config.launch.prepare import compile_catalogues

if TYPE_CHECKING:
    from redis import Redis

pytest_plugins = ["tests.sandbox_fixture"]

# Machines that run tests are busy: how long one example took says nothing about the code.
hypothesis.settings.register_profile("todoku", deadline=None)
hypothesis.settings.load_profile("todoku")


@pytest.fixture(scope="session")
def servers() -> None:
    """PostgreSQL and Redis: those of the environment, or embedded ones shared by the whole run."""
    hold_servers()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    servers: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Start the servers before the first test database is made; each worker has its own."""


@pytest.fixture(autouse=True)
def empty_partitioned_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that commits: Django empties only the tables that it makes itself."""
    yield
    marker = request.node.get_closest_marker("django_db")
    is_committing = marker is not None and marker.kwargs.get("transaction", False)
    if not is_committing and "transactional_db" not in request.fixturenames:
        return
    blocker = request.getfixturevalue("django_db_blocker")
    names = ", ".join(
        model._meta.db_table for model in apps.get_models() if not model._meta.managed
    )
    with blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names}")


@pytest.fixture
def redis_db(servers: None) -> Iterator["Redis"]:
    """This worker's own Redis database, empty before and after the test."""
    import redis

    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The directory of real mails and files (`TODOKU_CORPUS`); tests of it are skipped where there
    is none.
    """
    directory = os.environ.get("TODOKU_CORPUS", "")
    if not directory:
        pytest.skip("TODOKU_CORPUS is not set")
    if not Path(directory).is_dir():
        pytest.fail(f"TODOKU_CORPUS={directory}: not a directory")
    return Path(directory)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues once, so that a clean clone speaks Japanese in tests too."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        compile_catalogues()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that made the run's directory stops the servers and takes everything away."""
    if os.environ.get("TODOKU_TEST_OWNER") != str(os.getpid()):
        return
    var = Path(os.environ["TODOKU_TEST_VAR"])
    if (var / "run").exists():
        release_servers(var)
        stop_servers(var)
        shutil.rmtree(find_places(var).home, ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)
