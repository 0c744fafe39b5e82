"""Uploading a file in a browser without JavaScript, and reading what became of it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from lists.models import Reader, ReaderImport
from lists.progress import remember_progress
from lists.services.imports import run_import
from tests.factories.lists import NOW, import_file, make_import, make_list, make_subscriber

pytestmark = pytest.mark.django_db

FILE = "メールアドレス,氏名\na@example.jp,佐藤\n=cmd@@x,=HYPERLINK(1)\nleft@example.jp,x\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was asked of the workers, instead of a broker."""
    asked: list[int] = []
    monkeypatch.setattr("lists.services.imports.intake.enqueue_import", asked.append)
    return asked


def page(member: Member, name: str, *arguments: Any) -> str:
    return reverse(f"lists:{name}", args=[member.organisation.slug, *arguments])


def upload(browser: Client, member: Member, data: bytes, **fields: Any) -> Any:
    form = {
        "file": SimpleUploadedFile("名簿.csv", data),
        "basis": "consent",
        "evidence": "店頭の申込書",
        **fields,
    }
    return browser.post(page(member, "import"), form)


def text(response: Any) -> str:
    return b"".join(response).decode()


def test_evidence_is_not_called_optional(browser: Client, member: Member) -> None:
    shown = text(browser.get(page(member, "import")))
    label = shown.partition('for="id_evidence"')[2].partition("</label>")[0]
    assert "Where can that be seen?" in label
    assert "Optional" not in label
    assert "Required" not in label
    assert "Required unless the basis is unknown." in shown


def test_the_upload_page_explains_every_basis(browser: Client, member: Member) -> None:
    shown = text(browser.get(page(member, "import")))
    assert "They agreed" in shown
    assert 'name="list"' not in shown  # there is only one
    make_list(member.organisation, "催し")
    assert 'name="list"' in text(browser.get(page(member, "import")))


def test_a_file_is_taken_in_watched_and_accounted_for(
    browser: Client, member: Member, sent_tasks: list[int]
) -> None:
    make_subscriber(member.organisation, "left@example.jp", state="unsubscribed")
    answer = upload(browser, member, FILE.encode("cp932"))
    row = ReaderImport.objects.get()
    here = page(member, "import_result", row.pk)
    assert answer["Location"] == here
    assert sent_tasks == [row.pk]
    assert (row.file_name, row.created_by) == ("名簿.csv", member.user)

    waiting = text(browser.get(here))
    assert "Waiting for its turn" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    remember_progress(row.pk, 5_000)
    part = text(browser.get(here, headers={"hx-request": "true"}))
    assert "5,000 rows read" in part
    assert "<html" not in part

    run_import(row.pk, NOW)
    done = text(browser.get(here))
    assert 'hx-trigger="every' not in done
    assert "1 new reader was imported" in done
    assert "The e-mail address has more than one @" in done
    assert "They have unsubscribed" in done
    assert "CP932" in done
    assert text(browser.get(page(member, "imports"))).count("名簿.csv") == 1


def test_the_error_file_has_the_columns_the_reason_and_the_encoding_of_the_upload(
    browser: Client, member: Member
) -> None:
    row = import_file(member.organisation, FILE.encode("cp932"), file_name="名簿.csv")
    answer = browser.get(page(member, "import_errors", row.pk))
    assert "%E5%90%8D%E7%B0%BF_errors.csv" in answer["Content-Disposition"]
    assert b"".join(answer).decode("cp932").split("\r\n") == [
        "メールアドレス,氏名,Line,Reason",
        "'=cmd@@x,'=HYPERLINK(1),3,The e-mail address has more than one @",
        "",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("名前,会社\n佐藤,甲\n".encode(), "The headings found are: 名前, 会社."),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "This is not a table."),
        ("email\nä@example.de,Jürgen\n".encode("latin-1"), "characters of this file"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(
    browser: Client, member: Member, data: bytes, words: str
) -> None:
    upload(browser, member, data)
    row = ReaderImport.objects.get()
    run_import(row.pk, NOW)
    shown = text(browser.get(page(member, "import_result", row.pk)))
    assert words in shown
    assert "No reader was changed." in shown
    assert not Reader.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"basis": ""}, "This field is required"),
        ({"evidence": ""}, "Write down where the consent can be seen."),
        ({"file": ""}, "Choose a file."),
    ],
)
def test_what_is_missing_is_said_beside_the_field(
    browser: Client, member: Member, fields: dict[str, str], words: str
) -> None:
    answer = upload(browser, member, b"email\na@example.jp\n", **fields)
    assert answer.status_code == 422
    assert words in text(answer)
    assert not ReaderImport.objects.exists()


@pytest.mark.parametrize("excess", [1, 5 * 1024 * 1024])
def test_a_file_beyond_the_limit_is_refused_and_not_kept(
    browser: Client, member: Member, settings: Any, tmp_path: Path, excess: int
) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    answer = upload(browser, member, b"x" * (settings.IMPORT_MAX_BYTES + excess))
    assert answer.status_code == 422
    shown = text(answer)
    assert "The file is too large. The limit is 1 MB." in shown
    assert "Choose a file." not in shown
    assert not ReaderImport.objects.exists()
    assert list(tmp_path.rglob("*.*")) == []


def test_another_organisations_list_cannot_be_chosen(browser: Client, member: Member) -> None:
    from tests.factories.lists import make_organisation

    make_list(member.organisation, "催し")
    foreign = make_list(make_organisation())
    answer = upload(browser, member, b"email\na@example.jp\n", list=str(foreign.pk))
    assert answer.status_code == 422
    assert not ReaderImport.objects.exists()


def test_an_import_of_nobody_new_says_so(browser: Client, member: Member) -> None:
    row = import_file(member.organisation, "email\n")
    assert "0 new readers were imported" in text(browser.get(page(member, "import_result", row.pk)))
    waiting = make_import(member.organisation, "email\n")
    assert waiting.state == "waiting"
