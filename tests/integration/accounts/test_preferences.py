"""Language and colours are in the first byte of the page, for strangers and for people."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models.users import Theme
from tests.factories.accounts import NOW, make_member

pytestmark = pytest.mark.django_db


def test_a_stranger_keeps_the_choice_in_a_cookie(client):
    client.post(reverse("set_theme"), {"theme": "dark", "next": "/account/login/"})
    client.post(reverse("set_language"), {"language": "en", "next": "/account/login/"})
    html = client.get("/account/login/", headers={"accept-language": "ja"}).content.decode()
    assert '<html lang="en" data-theme="dark">' in html


def test_a_person_keeps_it_in_the_account_on_every_browser(client, django_user_model):
    member = make_member()
    client.force_login(member.user)
    client.post(reverse("set_theme"), {"theme": "light"})
    client.post(reverse("set_language"), {"language": "en"})
    client.cookies.pop("theme")
    client.cookies.pop("django_language")
    html = client.get(f"/o/{member.organisation.slug}/").content.decode()
    assert '<html lang="en" data-theme="light">' in html


def test_following_the_device_writes_no_theme(client):
    client.cookies["theme"] = Theme.SYSTEM.value
    assert "data-theme=" not in client.get("/account/login/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_it_never_leads_to_another_site(client, target):
    response = client.post(reverse("set_theme"), {"theme": "dark", "next": target})
    assert response.url == "/"


@pytest.mark.parametrize(("name", "field"), [("set_theme", "theme"), ("set_language", "language")])
def test_an_unknown_value_is_refused(client, name, field):
    response = client.post(reverse(name), {field: "x<script>"})
    assert response.status_code == 400
    assert not response.cookies


def test_times_are_those_of_the_organisation_and_only_while_its_page_is_made(client):
    member = make_member(language="en")
    member.organisation.time_zone = "America/New_York"
    member.organisation.save()
    client.force_login(member.user)
    member.user.last_login = NOW  # 03:00 UTC
    member.user.save()
    html = client.get(f"/o/{member.organisation.slug}/members/").content.decode()
    assert "22:00" in html
    assert timezone.get_current_timezone_name() == "Asia/Tokyo"
