"""Every page of accounts renders completely, in both languages, with few queries."""

import re

import pytest
from django.conf import settings as django_settings

from tests.factories.accounts import (
    make_member,
    make_organisation,
    make_sender_profile,
    make_user,
)
from tests.integration.accounts.addresses import Address, all_addresses

pytestmark = pytest.mark.django_db
INVALID = "MISSING-VARIABLE"


@pytest.fixture
def strict_templates(settings):
    """Write a mark where a template names a variable that does not exist."""
    engine = django_settings.TEMPLATES[0]
    options = engine["OPTIONS"] | {"string_if_invalid": f"{INVALID}[%s]"}
    settings.TEMPLATES = [engine | {"OPTIONS": options}]


def pages() -> list[Address]:
    return [a for a in all_addresses() if a.parameters <= {"organisation"}]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("address", pages(), ids=lambda address: address.name)
def test_a_page_leaves_no_variable_empty_and_no_inline_code(
    address, language, client, strict_templates
):
    owner = make_member(name="中村 彩", language=language, is_system_admin=True)
    make_sender_profile(owner.organisation)
    client.force_login(owner.user)
    response = client.get(address.path(owner.organisation.slug))
    assert response.status_code in {200, 302, 405}
    if not response["Content-Type"].startswith("text/html") or response.status_code != 200:
        return
    html = response.content.decode()
    assert INVALID not in html
    assert f'<html lang="{language}"' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert not re.search(r"<[^>]+ (style|on\w+)=", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style", html)
    assert "script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/account/login/", "/account/password/help/", "/account/signup/"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_for_strangers_is_complete_too(path, language, client, strict_templates):
    html = client.get(path, headers={"accept-language": language}).content.decode()
    assert INVALID not in html
    assert f'<html lang="{language}"' in html


def test_the_number_of_queries_does_not_grow_with_the_members(client, django_assert_num_queries):
    owner = make_member()
    client.force_login(owner.user)
    path = f"/o/{owner.organisation.slug}/members/"
    client.get(path)
    with django_assert_num_queries(4):  # person, memberships, members, notices
        client.get(path)
    for _ in range(20):
        make_member(owner.organisation)
    with django_assert_num_queries(4):
        client.get(path)


def test_home_asks_little(client, django_assert_max_num_queries):
    owner = make_member()
    for _ in range(5):
        make_member(make_organisation(), email=f"other{_}@example.jp")
    client.force_login(owner.user)
    path = f"/o/{owner.organisation.slug}/"
    client.get(path)
    with django_assert_max_num_queries(8):
        client.get(path)


def test_home_marks_the_sender_as_done_once_it_is_complete(client):
    owner = make_member(language="en")
    client.force_login(owner.user)
    path = f"/o/{owner.organisation.slug}/"
    assert "28 minutes" in client.get(path).content.decode()
    make_sender_profile(owner.organisation)
    html = client.get(path).content.decode()
    assert "25 minutes" in html
    assert "株式会社つきのわ珈琲" in html


def test_a_person_without_an_organisation_is_told_what_to_do(client, strict_templates):
    user = make_user(email="new@example.jp", language="en")
    client.force_login(user)
    html = client.get("/").content.decode()
    assert "You do not belong to an organisation yet" in html
    assert "new@example.jp" in html
    assert INVALID not in html


def test_an_account_that_is_off_says_so(client, strict_templates):
    html = client.get("/account/inactive/", headers={"accept-language": "en"}).content.decode()
    assert "This account is switched off" in html
