"""A signed-in browser without JavaScript."""

import pytest
from django.test import Client

from accounts.models import Member, Role
from tests.factories.accounts import make_member


@pytest.fixture
def member(db: None) -> Member:
    return make_member(role=Role.EDITOR)


@pytest.fixture
def browser(member: Member) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(member.user)
    return client
