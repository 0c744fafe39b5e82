"""Who may open the readers' screens; other organisations' ids do not exist."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Role
from lists.models import Reader, ReaderState
from lists.urls import urlpatterns
from tests.factories.accounts import make_member
from tests.factories.lists import import_file, make_reader, make_subscriber

pytestmark = pytest.mark.django_db

LOOKS = frozenset({"readers", "imports", "import_result", "import_errors", "reader"})
IMPORTS = frozenset({"import_result", "import_errors"})
NAMES = [str(pattern.name) for pattern in urlpatterns]


def address(member: Member, name: str, pk: int) -> str:
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    arguments = [member.organisation.slug]
    return reverse(
        f"lists:{name}", args=[*arguments, pk] if "pk" in str(pattern.pattern) else arguments
    )


def ids(member: Member) -> dict[str, int]:
    reader = make_subscriber(member.organisation)
    row = import_file(member.organisation, ["email", "a@example.jp", "@"])
    return {name: row.pk if name in IMPORTS else reader.pk for name in NAMES}


def ask(client: Client, url: str, name: str) -> Any:
    return client.post(url) if name in {"trash", "restore"} else client.get(url)


@pytest.mark.parametrize("name", NAMES)
def test_strangers_sign_in_first(name: str) -> None:
    member = make_member()
    answer = ask(Client(), address(member, name, ids(member)[name]), name)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize("name", NAMES)
def test_other_organisations_do_not_exist(name: str) -> None:
    mine, theirs = make_member(), make_member()
    client = Client()
    client.force_login(mine.user)
    pk = ids(theirs)[name]
    assert ask(client, address(theirs, name, pk), name).status_code == 404
    if "pk" in str(next(p.pattern for p in urlpatterns if p.name == name)):
        # Their row under my own address.
        assert ask(client, address(mine, name, pk), name).status_code == 404
    assert not Reader.objects.filter(state=ReaderState.TRASHED).exists()


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", NAMES)
def test_only_editors_and_owners_change_readers(name: str, role: str) -> None:
    member = make_member(role=Role(role))
    client = Client()
    client.force_login(member.user)
    answer = ask(client, address(member, name, ids(member)[name]), name)
    may = name in LOOKS or role in {Role.OWNER, Role.EDITOR}
    assert answer.status_code in ({200, 302} if may else {403})


def test_a_viewer_changes_nothing_by_posting() -> None:
    member = make_member(role=Role.VIEWER)
    client = Client()
    client.force_login(member.user)
    reader = make_reader(member.organisation, name="Old")
    for name in ("stop", "resume", "trash", "restore", "edit"):
        assert client.post(address(member, name, reader.pk), {"name": "New"}).status_code == 403
    reader.refresh_from_db()
    assert (reader.name, reader.state) == ("Old", ReaderState.ACTIVE)
