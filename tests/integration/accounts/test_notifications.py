"""Notices reach those they are for, once, in their language."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification, Role
from accounts.notices import KINDS, UnknownNoticeError, notice
from accounts.selectors import notifications_for, unseen_count
from accounts.services.notifications import notify
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


def tell(member, *, user=None, kind="import.finished", now=None, url="") -> Notification:
    return notify(
        organisation=member.organisation,
        kind=kind,
        params={"file": "名簿.csv", "created": 1200, "errors": 0},
        now=now or timezone.now(),
        url=url or f"/o/{member.organisation.slug}/readers/",
        user=user,
    )


def page(client, member) -> str:
    client.force_login(member.user)
    answer = client.get(f"/o/{member.organisation.slug}/notifications/")
    return str(answer.content, "utf-8")


def test_all_members_read_it_and_each_marks_it_alone(client):
    owner = make_member(language="en")
    viewer = make_member(owner.organisation, Role.VIEWER)
    tell(owner)
    html = page(client, owner)
    assert "“名簿.csv” has been imported: 1,200 new readers, 0 errors." in html
    assert "(1 unread)" in html
    client.post(f"/o/{owner.organisation.slug}/notifications/seen/")
    owner.refresh_from_db()
    assert (unseen_count(owner), unseen_count(viewer)) == (0, 1)
    assert "unread" not in page(client, owner)


def test_looking_alone_marks_nothing(client):
    owner = make_member()
    tell(owner)
    page(client, owner)
    owner.refresh_from_db()
    assert unseen_count(owner) == 1


def test_one_persons_notice_is_not_the_others():
    owner = make_member()
    colleague = make_member(owner.organisation)
    tell(owner, user=owner.user)
    assert unseen_count(owner) == 1
    assert unseen_count(colleague) == 0


def test_another_organisation_hears_nothing(client):
    owner, stranger = make_member(), make_member()
    tell(owner)
    assert not notifications_for(stranger).exists()
    assert "名簿.csv" not in page(client, stranger)


def test_who_comes_later_is_not_told_what_happened_before():
    owner = make_member()
    tell(owner)
    assert unseen_count(make_member(owner.organisation)) == 0


def test_old_notices_go():
    owner = make_member()
    tell(owner, now=timezone.now() - timedelta(days=200))
    tell(owner)
    assert Notification.objects.count() == 1


def test_a_kind_without_a_sentence_and_a_foreign_address_are_refused():
    owner = make_member()
    with pytest.raises(UnknownNoticeError):
        tell(owner, kind="coffee.ready")
    for url in ("https://evil.example/", "//evil.example"):
        with pytest.raises(ValueError, match="path of ours"):
            tell(owner, url=url)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_survives_a_missing_parameter(kind):
    row = Notification(kind=kind, params={})
    assert "%(" not in notice(row, is_new=False).text


def test_pages_lead_to_older_notices(client, monkeypatch):
    monkeypatch.setattr("accounts.views.notifications.PAGE_SIZE", 2)
    owner = make_member(language="en")
    rows = [tell(owner) for _ in range(3)]
    assert f"?before={rows[1].pk}" in page(client, owner)
    older = client.get(f"/o/{owner.organisation.slug}/notifications/?before={rows[1].pk}")
    assert older.content.decode().count("<time") == 1
