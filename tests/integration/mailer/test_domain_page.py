"""The page of a sending domain asks for patience only while something is missing."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import Role
from mailer.engine.dns_records import Finding
from mailer.services.domains import dns_records
from tests.factories.accounts import make_member, make_organisation
from tests.factories.mailer import make_sending_domain

pytestmark = pytest.mark.django_db
CHECKED_AT = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)  # 12:05 in Tokyo
PATIENCE = "It usually takes minutes"


@pytest.fixture
def member():
    return make_member(make_organisation(), role=Role.OWNER, language="en")


@pytest.fixture
def domain(member):
    domain = make_sending_domain(organisation=member.organisation)
    found = {"finding": Finding.FOUND, "found": []}
    domain.check_result = {record.purpose.value: found for record in dns_records(domain)}
    domain.checked_at = CHECKED_AT
    domain.save()
    return domain


@pytest.fixture
def shown(client, member, domain):
    """Return the page as it is now."""
    client.force_login(member.user)
    address = reverse("mailer:domain", args=[member.organisation.slug, domain.pk])
    return lambda: client.get(address).content.decode()


def test_a_complete_domain_says_when_it_was_checked(shown):
    page = shown()
    lead = page.partition('class="lead"')[2].partition("</p>")[0]
    assert "Last checked" in lead
    assert "12:05" in lead
    assert PATIENCE not in page


def test_a_missing_record_asks_for_patience(shown, domain):
    first = next(iter(domain.check_result))
    domain.check_result[first] = {"finding": Finding.MISSING, "found": []}
    domain.save()
    assert PATIENCE in shown()
