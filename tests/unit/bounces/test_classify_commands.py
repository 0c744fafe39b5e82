"""The commands that show what mails and replies mean."""

import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories.bounces import make_dsn


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_file_below_the_directory_gives_one_line(tmp_path, capsys):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "gone.eml").write_bytes(make_dsn("taro@r.example"))
    (tmp_path / "a.txt").write_bytes(b"From: a@example.org\n\nhello")
    call_command("classify_bounces", str(tmp_path), "--jsonl")
    assert lines(capsys) == [
        {"file": "a.txt", "kind": "not-a-bounce", "recipients": []},
        {
            "file": "b/gone.eml",
            "kind": "dsn",
            "recipients": [
                {
                    "address": "taro@r.example",
                    "class": "invalid-recipient",
                    "reply": "550",
                    "status": "5.1.1",
                    "permanent": True,
                    "suppress": True,
                }
            ],
        },
    ]


def test_mail_of_fifty_megabytes_is_refused_without_noise(tmp_path, capsys):
    (tmp_path / "huge.eml").write_bytes(b"From: a@example.org\n\n" + b"x" * 50_000_000)
    call_command("classify_bounces", str(tmp_path), "--jsonl")
    assert lines(capsys) == [{"file": "huge.eml", "kind": "not-a-bounce", "recipients": []}]


def test_table_of_replies_keeps_its_order(tmp_path, capsys):
    table = tmp_path / "replies.tsv"
    table.write_text(
        "reply\tstage\tprovider\n"
        "550 5.1.1 <a@example.org>: User unknown\trcpt\t?\n"
        '421 4.7.28 unusual rate of "mail" from your IP address\t?\tgoogle\n'
        "550 5.1.1 <news@example.net>: User unknown\tmail\t?\n",
        encoding="utf-8",
    )
    call_command("classify_replies", str(table), "--jsonl")
    first, second, third = lines(capsys)
    assert first == {
        "class": "invalid-recipient",
        "scope": "recipient",
        "permanent": True,
        "suppress": True,
        "retry_after_s": None,
    }
    assert (second["class"], second["scope"], second["retry_after_s"]) == (
        "rate-limited",
        "source-ip",
        600,
    )
    assert (third["class"], third["suppress"]) == ("policy", False)


def test_table_without_a_heading_loses_no_row(tmp_path, capsys):
    (tmp_path / "t.tsv").write_text("552 5.2.2 mailbox full\trcpt\n", encoding="utf-8")
    call_command("classify_replies", str(tmp_path / "t.tsv"), "--jsonl")
    assert [row["class"] for row in lines(capsys)] == ["mailbox-full"]


def test_wrong_paths_are_named(tmp_path):
    with pytest.raises(CommandError, match="no directory"):
        call_command("classify_bounces", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("classify_replies", str(tmp_path / "nowhere.tsv"))
