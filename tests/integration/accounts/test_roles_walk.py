"""Nobody reaches a page that is not theirs: every address, as every kind of person."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.access import RIGHTS
from accounts.models import Role
from tests.factories.accounts import make_member, make_organisation, make_user
from tests.integration.accounts.addresses import PARAMETERS, Address, all_addresses

pytestmark = pytest.mark.django_db
ADDRESSES = all_addresses()
WRONG_METHOD = 405


def of_kind(*kinds: str) -> list[Address]:
    return [a for a in ADDRESSES if a.access is not None and a.access.kind in kinds]


def each(addresses: list[Address]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", addresses, ids=lambda address: address.name)


def answers(client: Client, path: str) -> set[int]:
    """The status of GET and of POST, without the method that the view does not know."""
    both = {client.get(path).status_code, client.post(path).status_code}
    return both - {WRONG_METHOD}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@each(ADDRESSES)
def test_every_view_says_who_may_open_it(address):
    assert address.access is not None, f"{address.name}: decorate it (accounts/access.py)"
    assert address.name.rpartition(":")[2], f"{address.view}: name its address"
    unknown = address.parameters - PARAMETERS.keys() - {"organisation"}
    assert not unknown, f"{address.name}: add {unknown} to PARAMETERS"
    in_organisation = "organisation" in address.parameters
    assert in_organisation == (address.access.kind == "member"), address.name
    if address.access.kind == "public":
        assert address.access.reason


@each(of_kind("member", "system_admin", "signed_in"))
def test_a_stranger_is_sent_to_sign_in(address, client):
    path = address.path(make_organisation().slug)
    for response in (client.get(path), client.post(path)):
        if response.status_code != WRONG_METHOD:
            assert response.status_code == 302
            assert response.url.startswith(reverse(settings.LOGIN_URL))
    assert answers(client, path) == {302}


@each(of_kind("member"))
def test_another_organisations_owner_finds_nothing(address):
    theirs = make_organisation()
    outsider = make_member(role=Role.OWNER).user
    assert answers(signed_in(outsider), address.path(theirs.slug)) == {404}


@each(of_kind("member"))
def test_a_system_admin_who_is_no_member_finds_nothing(address):
    admin = make_user(is_system_admin=True)
    assert answers(signed_in(admin), address.path(make_organisation().slug)) == {404}


@each(of_kind("system_admin"))
def test_an_owner_cannot_open_pages_of_the_installation(address):
    owner = make_member(role=Role.OWNER)
    client = signed_in(owner.user)
    assert answers(client, address.path(owner.organisation.slug)) == {403}


@each(of_kind("member"))
@pytest.mark.parametrize("role", Role)
def test_a_role_opens_what_it_may_and_nothing_else(address, role):
    member = make_member(role=role)
    # Somebody else's row: an object of the address is never found, so nothing is changed by the walk.
    client = signed_in(member.user)
    found = answers(client, address.path(member.organisation.slug))
    if RIGHTS[address.access.may](member):
        assert 403 not in found
        assert not any(status >= 500 for status in found)
    else:
        assert found == {403}
