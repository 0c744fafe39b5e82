"""`manage.py import_readers` does what the upload does and prints the equation."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Organisation
from lists.models import Reader, ReaderImport, Subscription
from tests.factories.lists import make_organisation, workbook

pytestmark = pytest.mark.django_db

LINES = (
    "メールアドレス,お名前\na@example.jp,①㈱髙﨑～\n\nbad@@example.jp,x\nA@example.jp,①㈱髙﨑～\n"
)


def run(path: Path, *arguments: str) -> str:
    out = io.StringIO()
    call_command("import_readers", str(path), *arguments, stdout=out)
    return out.getvalue()


def test_json_has_exactly_the_equation_and_the_error_rows(tmp_path: Path) -> None:
    path = tmp_path / "名簿.csv"
    path.write_bytes(LINES.encode("cp932"))
    out = run(path, "--organisation", "shop", "--create", "--consent", "written", "--json")
    assert json.loads(out) == {
        "encoding": "cp932",
        "read": 3,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "duplicates": 1,
        "excluded": {},
        "errors": 1,
        "error_rows": [{"line": 4, "reason": "several-at-signs"}],
    }
    organisation = Organisation.objects.get(slug="shop")
    assert organisation.is_practice
    assert Reader.objects.get(organisation=organisation).name == "①㈱髙﨑～"
    assert Subscription.objects.get().basis == "written"


def test_a_workbook_and_a_named_list(tmp_path: Path) -> None:
    organisation = make_organisation(slug="shop")
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook([["email", "電話番号"], ["a@example.jp", 9012345678.0]]))
    out = run(path, "--organisation", "shop", "--consent", "consent", "--list", "催し", "--json")
    assert json.loads(out)["encoding"] == "xlsx"
    reader = Reader.objects.get(organisation=organisation)
    assert reader.fields == {"phone": "9012345678"}
    assert reader.subscriptions.get().list.name == "催し"


def test_the_summary_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LINES, encoding="utf-8")
    out = run(path, "--organisation", "shop", "--create", "--consent", "consent")
    assert "3 rows read = 1 new + 0 updated + 0 unchanged + 1 twice in the file" in out
    assert "line 4: The e-mail address has more than one @" in out


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\x01\x02", "not a table"),
        (b"", "empty"),
        ("名前,会社\n佐藤,甲\n".encode(), "The headings found are: 名前, 会社"),
        ("email,name\na@example.fr,Andrés\n".encode("latin-1"), "could not be read"),
    ],
)
def test_an_unreadable_file_is_a_sentence_and_changes_nothing(
    tmp_path: Path, data: bytes, words: str
) -> None:
    make_organisation(slug="shop")
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(CommandError) as caught:
        run(path, "--organisation", "shop", "--consent", "consent")
    assert words in str(caught.value)
    assert "No reader was changed." in str(caught.value)
    assert not Reader.objects.exists()


def test_unknown_organisations_and_missing_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(CommandError, match="nowhere: there is no such organisation"):
        run(path, "--organisation", "nowhere", "--consent", "consent")
    with pytest.raises(CommandError, match=r"list\.csv: cannot be read"):
        run(path, "--organisation", "shop", "--create", "--consent", "consent")
    assert not ReaderImport.objects.exists()


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, settings: object) -> None:
    make_organisation(slug="shop")
    settings.IMPORT_MAX_BYTES = 10  # type: ignore[attr-defined]  # pytest-django's wrapper
    path = tmp_path / "list.csv"
    path.write_text("email\na@example.jp\n")
    with pytest.raises(CommandError, match="limit is 10"):
        run(path, "--organisation", "shop", "--consent", "consent")
