"""People sign in with address and password; nobody signs up; allauth sends no mail."""

import pytest
from django.urls import reverse

from accounts.adapter import AccountAdapter, NoSystemSenderError
from accounts.models import User
from tests.factories.accounts import make_member, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def test_signing_in_leads_to_the_organisation_used_last(client):
    member = make_member(email="aya@example.jp")
    body = {"login": "Aya@Example.jp", "password": PASSWORD}
    response = client.post(reverse("account_login"), body, follow=True)
    assert response.redirect_chain[-1] == (f"/o/{member.organisation.slug}/", 302)


def test_a_wrong_password_is_refused_beside_the_form_and_signs_nobody_in(client):
    make_user(email="aya@example.jp", password=PASSWORD)
    body = {"login": "aya@example.jp", "password": "wrong"}
    response = client.post(reverse("account_login"), body)
    assert response.status_code == 200
    assert 'class="error-summary"' in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post(client):
    client.force_login(make_user())
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_signing_up_is_closed_even_for_a_post(client):
    body = {"email": "new@example.jp", "password1": PASSWORD}
    response = client.post(reverse("account_signup"), body)
    assert "administrator" in response.content.decode() or "管理者" in response.content.decode()
    assert not User.objects.exists()
    assert AccountAdapter().is_open_for_signup(response.wsgi_request) is False


def test_the_adapter_refuses_to_send_mail():
    with pytest.raises(NoSystemSenderError, match="password_reset"):
        AccountAdapter().send_mail("account/email/password_reset", "a@example.jp", {})


def test_a_person_whose_account_is_off_does_not_come_in(client):
    make_user(email="aya@example.jp", password=PASSWORD, is_active=False)
    body = {"login": "aya@example.jp", "password": PASSWORD}
    client.post(reverse("account_login"), body, follow=True)
    assert "_auth_user_id" not in client.session
