"""Members come, change roles and go; one owner always remains."""

import threading

import pytest
from django.db import connection

from accounts.models import AuditEntry, Member, Role
from accounts.services import members as services
from tests.factories.accounts import NOW, make_member, make_organisation, make_user


def add(organisation, email, actor, role=Role.EDITOR):
    return services.add_member(
        organisation=organisation, email=email, name="", role=role, actor=actor, now=NOW
    )


@pytest.mark.django_db
def test_a_known_person_joins_without_a_new_account():
    owner, known = make_member(), make_user(email="known@example.jp", password="correct horse")
    joined = add(owner.organisation, " Known@example.jp ", owner.user)
    assert joined.member.user == known
    assert not joined.needs_password
    entry = AuditEntry.objects.get(verb="member.added")
    assert (entry.organisation, entry.actor) == (owner.organisation, owner.user)
    assert entry.data == {"email": "known@example.jp", "role": "editor"}


@pytest.mark.django_db
def test_a_member_is_not_added_twice():
    owner = make_member(email="aya@example.jp")
    with pytest.raises(services.AlreadyMemberError):
        add(owner.organisation, "AYA@example.jp", owner.user)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_the_last_owner_keeps_the_role_and_the_membership():
    owner = make_member()
    make_member(owner.organisation, Role.EDITOR)
    with pytest.raises(services.LastOwnerError):
        services.remove_member(member=owner, actor=owner.user)
    with pytest.raises(services.LastOwnerError):
        services.change_role(member=owner, role=Role.VIEWER, actor=owner.user)
    owner.refresh_from_db()
    assert owner.role == Role.OWNER
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_one_of_two_owners_may_go_and_keeps_the_account():
    first = make_member()
    make_member(first.organisation)
    user = first.user
    services.remove_member(member=first, actor=user)
    user.refresh_from_db()
    assert user.is_active
    assert not user.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_the_same_moment_do_not_both_go():
    organisation = make_organisation()
    owners = [make_member(organisation), make_member(organisation)]
    together = threading.Barrier(2)
    refused: list[Member] = []

    def leave(member: Member) -> None:
        try:
            together.wait()
            services.remove_member(member=member, actor=member.user)
        except services.LastOwnerError:
            refused.append(member)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert organisation.members.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db
def test_the_screen_says_why_the_last_owner_stays(client):
    owner = make_member(name="中村 彩", language="en")
    client.force_login(owner.user)
    path = f"/o/{owner.organisation.slug}/members/{owner.pk}/role/"
    response = client.post(path, {"role": "viewer"}, follow=True)
    assert "中村 彩 is the only administrator" in response.content.decode()


@pytest.mark.django_db
def test_a_member_of_another_organisation_cannot_be_touched(client):
    owner, stranger = make_member(), make_member()
    client.force_login(owner.user)
    base = f"/o/{owner.organisation.slug}/members/{stranger.pk}"
    assert client.post(f"{base}/remove/").status_code == 404
    assert client.post(f"{base}/role/", {"role": "viewer"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.role == Role.OWNER
