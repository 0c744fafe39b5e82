"""The navigation shows what exists and what the person may open, and knows where they are."""

import pytest

from accounts import navigation
from accounts.models import Role
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


def labels(member, *, path="/", is_system_admin=False):
    found = navigation.links(
        organisation=member.organisation,
        member=member,
        is_system_admin=is_system_admin,
        path=path,
    )
    return [link.href for link in found], [link.href for link in found if link.is_current]


def test_an_entry_without_a_page_is_left_out(monkeypatch):
    nowhere = navigation.Entry("Nowhere", "house", "nowhere:at-all")
    monkeypatch.setattr(navigation, "ENTRIES", (*navigation.ENTRIES[:1], nowhere))
    member = make_member()
    assert labels(member)[0] == [f"/o/{member.organisation.slug}/"]


def test_administration_is_for_owners_and_the_installation_for_the_system_admin():
    owner = make_member()
    viewer = make_member(owner.organisation, Role.VIEWER)
    settings = f"/o/{owner.organisation.slug}/settings/"
    assert settings in labels(owner)[0]
    assert settings not in labels(viewer)[0]
    assert "/organisations/" not in labels(owner)[0]
    assert "/organisations/" in labels(viewer, is_system_admin=True)[0]


def test_the_deepest_fitting_entry_is_current_and_home_only_on_itself():
    owner = make_member()
    base = f"/o/{owner.organisation.slug}/"
    assert labels(owner, path=base)[1] == [base]
    assert labels(owner, path=f"{base}members/add/")[1] == [f"{base}members/"]
    assert labels(owner, path=f"{base}nothing/")[1] == []
