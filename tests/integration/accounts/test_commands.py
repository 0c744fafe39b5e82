"""The command line is the way in on the first day and the way back afterwards."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation, User
from tests.factories.accounts import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def password_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("correct horse battery\n", encoding="utf-8")
    return file


def run(*args) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_create_admin_makes_an_admin_who_owns_a_practice_organisation(password_file):
    run("create_admin", "Aya@Example.jp", "--password-file", password_file, "--organisation", "a")
    admin = User.objects.get(email="aya@example.jp")
    assert admin.is_system_admin
    assert admin.check_password("correct horse battery")
    organisation = Organisation.objects.get(slug="a")
    assert organisation.is_practice
    assert organisation.members.get().user == admin


def test_create_admin_twice_changes_the_password_and_doubles_nothing(password_file):
    for _ in range(2):
        run("create_admin", "a@example.jp", "--password-file", password_file, "--organisation", "a")
    assert User.objects.count() == Organisation.objects.count() == 1


def test_create_admin_opens_no_foreign_organisation(password_file):
    theirs = make_organisation(slug="theirs")
    with pytest.raises(CommandError, match="has to add you"):
        run(
            "create_admin",
            "a@example.jp",
            "--password-file",
            password_file,
            "--organisation",
            "theirs",
        )
    assert not theirs.members.exists()


def test_a_weak_password_creates_nobody(tmp_path):
    (tmp_path / "weak").write_text("short", encoding="utf-8")
    with pytest.raises(CommandError):
        run("create_admin", "a@example.jp", "--password-file", tmp_path / "weak")
    assert not User.objects.exists()


def test_create_organisation_says_what_is_wrong():
    owner = make_user(email="a@example.jp")
    run("create_organisation", "live-one", "--kind", "live", "--owner", owner.email)
    assert not Organisation.objects.get().is_practice
    for slug, words in [("live-one", "another organisation"), ("Ünfit", "Ünfit")]:
        with pytest.raises(CommandError, match=words):
            run("create_organisation", slug, "--kind", "live", "--owner", owner.email)
    with pytest.raises(CommandError, match="nobody signs in"):
        run("create_organisation", "b", "--kind", "live", "--owner", "nobody@example.jp")
    assert Organisation.objects.count() == 1


def test_change_password_lets_a_person_in_again(password_file):
    user = make_user(email="a@example.jp", password="forgotten words")
    run("change_password", "A@example.jp", "--password-file", password_file)
    user.refresh_from_db()
    assert user.check_password("correct horse battery")
