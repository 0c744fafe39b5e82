"""An organisation is born with owner, sender profile and what other apps add; its kind stays."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Organisation, Role
from accounts.services import organisations as services
from tests.factories.accounts import NOW, make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db


def create(slug="tsukinowa", **changes):
    return services.create_organisation(
        **{"name": "珈琲", "slug": slug, "kind": "live", "owner": make_user(), "now": NOW} | changes
    )


def test_it_has_an_owner_an_empty_sender_profile_and_an_audit_entry():
    owner = make_user()
    created = create(owner=owner, actor=owner)
    assert [(m.user, m.role) for m in created.members.all()] == [(owner, Role.OWNER)]
    assert not created.sender_profile.is_complete
    assert AuditEntry.objects.get().verb == "organisation.created"


def test_a_used_short_name_is_refused_and_nothing_stays():
    make_organisation(slug="tsukinowa")
    with pytest.raises(services.SlugTakenError):
        create("tsukinowa")
    assert Organisation.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_birth_hook_sees_the_new_organisation_and_its_failure_undoes_the_birth(monkeypatch):
    seen = []
    monkeypatch.setattr(services, "_birth_hooks", [lambda born, now: seen.append((born.slug, now))])
    create("one")
    assert seen == [("one", NOW)]

    def fail(_organisation, _now):
        raise RuntimeError("no list")

    services.register_birth_hook(fail)
    with pytest.raises(RuntimeError, match="no list"):
        create("two")
    assert not Organisation.objects.filter(slug="two").exists()


def test_the_sender_profile_keeps_what_stood_before_in_the_audit_log():
    owner = make_member()
    values = {"legal_name": "A", "postal_address": "B", "contact": "C"}
    for name in ("A", "Z"):
        services.update_sender_profile(
            organisation=owner.organisation, actor=owner.user, **values | {"legal_name": name}
        )
    assert owner.organisation.sender_profile.is_complete
    latest = AuditEntry.objects.filter(verb="sender_profile.changed").latest("pk")
    assert latest.data == {"legal_name": ["A", "Z"]}


def test_an_incomplete_sender_is_refused_and_the_organisation_form_is_untouched(client):
    owner = make_member()
    client.force_login(owner.user)
    path = reverse("accounts:settings", args=[owner.organisation.slug])
    response = client.post(path, {"form": "sender", "legal_name": "A", "postal_address": " "})
    assert response.status_code == 422
    assert not AuditEntry.objects.exists()
    assert len(re.findall(r'<li>\s*<a href="#', response.content.decode())) == 2


def test_only_the_system_admin_creates_one_and_the_kind_is_a_choice(client):
    admin = make_user(is_system_admin=True)
    client.force_login(admin)
    body = {"name": "練習", "slug": "renshu", "kind": "practice", "owner": admin.email}
    response = client.post(reverse("organisation_new"), body)
    assert response.url == "/o/renshu/"
    assert Organisation.objects.get().is_practice
