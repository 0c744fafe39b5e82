"""The embedded servers pass the look that a production pair must pass; a careless Redis does not."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import checks


@pytest.mark.django_db
def test_our_own_servers_pass(redis_db):
    checks.refuse_unsafe()


def test_redis_that_may_evict_is_refused(installation, settings):
    installation.hold("valkey")
    installation.redis().config_set("maxmemory-policy", "allkeys-lru")
    settings.REDIS_URL = installation.redis_url

    with pytest.raises(ImproperlyConfigured, match="allkeys-lru"):
        checks.refuse_unsafe(look=[checks._look_at_redis])
