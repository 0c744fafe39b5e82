"""Error pages say what is safe; machines get short answers."""

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.models import Role
from accounts.views import errors
from tests.factories.accounts import make_member


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_of_ours(client):
    response = client.get("/nothing/here/", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "This page was not found" in response.content.decode()


def test_a_foreign_host_gets_a_page_although_nobody_is_known_yet(client):
    response = client.get("/", headers={"host": "evil.example", "accept-language": "en"})
    assert response.status_code == 400
    assert "could not be understood" in response.content.decode()


@pytest.mark.django_db
def test_a_missing_role_names_who_can_give_it(client):
    owner = make_member(name="中村 彩", email="aya@example.jp")
    viewer = make_member(owner.organisation, Role.VIEWER, language="en")
    client.force_login(viewer.user)
    response = client.get(f"/o/{owner.organisation.slug}/settings/")
    html = response.content.decode()
    assert response.status_code == 403
    assert "You are: Viewer" in html
    assert "中村 彩" in html


def test_the_500_page_needs_no_request_and_no_database(rf):
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "予約と配信中のメール" in response.content.decode()


@pytest.mark.django_db
def test_a_post_without_a_token_explains_itself():
    response = Client(enforce_csrf_checks=True).post("/preferences/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "409" not in response.content.decode()
    assert "letter" in response.content.decode()


@pytest.mark.django_db
def test_healthz_is_200_while_both_answer(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "database": "ok", "redis": "ok"}


@pytest.mark.django_db
def test_healthz_is_503_and_names_what_does_not_answer(client, monkeypatch):
    def no_answer(_key):
        raise RedisConnectionError("refused")

    monkeypatch.setattr(cache, "get", no_answer)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"ok": False, "database": "ok", "redis": "no answer"}


def test_robots_are_sent_away(client):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
