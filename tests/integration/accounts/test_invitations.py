"""A new person comes in through a one-time link, and nobody else can use such a link to come in."""

import pytest

from accounts.models import Role
from accounts.services.invitations import NotPendingError, invitation_path
from accounts.services.members import PendingElsewhereError, add_member
from tests.factories.accounts import NOW, make_member, make_organisation

pytestmark = pytest.mark.django_db
NEW = {"new_password1": "a long enough sentence", "new_password2": "a long enough sentence"}


def invite(owner, email="new@example.jp"):
    return add_member(
        organisation=owner.organisation,
        email=email,
        name="",
        role=Role.EDITOR,
        actor=owner.user,
        now=NOW,
    ).member


def test_the_link_sets_the_first_password_once(client):
    path = invitation_path(member=invite(make_member()))
    assert client.get(path).status_code == 200
    assert client.post(path, NEW).status_code == 302
    again = client.post(path, dict.fromkeys(NEW, "quite another sentence"))
    assert again.status_code == 410
    body = {"login": "new@example.jp", "password": NEW["new_password1"]}
    client.post("/account/login/", body)
    assert "_auth_user_id" in client.session


def test_a_weak_password_is_refused_and_the_link_stays(client):
    member = invite(make_member())
    path = invitation_path(member=member)
    assert client.post(path, dict.fromkeys(NEW, "short")).status_code == 422
    member.user.refresh_from_db()
    assert not member.user.has_usable_password()
    assert client.post(path, NEW).status_code == 302


def test_a_changed_token_opens_nothing(client):
    path = invitation_path(member=invite(make_member()))
    assert client.post(path[:-2] + "x/", NEW).status_code == 410


def test_no_link_is_made_for_a_person_with_a_password():
    with pytest.raises(NotPendingError):
        invitation_path(member=make_member())


def test_a_pending_person_of_another_organisation_cannot_be_added():
    invite(make_member(), "new@example.jp")
    other = make_member(make_organisation("Other"))
    with pytest.raises(PendingElsewhereError):
        invite(other, "new@example.jp")
    assert other.organisation.members.count() == 1


def test_the_link_is_shown_to_the_owner_only_in_the_answer_to_the_post(client):
    owner = make_member()
    client.force_login(owner.user)
    base = f"/o/{owner.organisation.slug}/members/"
    body = {"email": "new@example.jp", "name": "新", "role": "viewer"}
    response = client.post(f"{base}add/", body)
    assert "/account/invitation/" in response.content.decode()
    assert "/account/invitation/" not in client.get(base).content.decode()
