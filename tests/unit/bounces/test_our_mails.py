"""Mails written for this project, one for each way that servers report: kind, addresses, class, effect."""

import json
from pathlib import Path

import pytest

from bounces.management.commands.classify_bounces import description
from bounces.parsers import parse

FOLDER = Path(__file__).parents[2] / "corpus"
ROWS = [json.loads(line) for line in (FOLDER / "mails.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_our_mail_is_understood(row):
    read = description(parse((FOLDER / "mails" / row["file"]).read_bytes()))
    assert read["kind"] == row["kind"]
    assert [r["address"] for r in read["recipients"]] == row["recipients"]
    if row["class"] and row["recipients"]:
        first = read["recipients"][0]
        suppress = row["class"] == "complaint" if row["suppress"] is None else row["suppress"]
        assert (first["class"], first["suppress"]) == (row["class"], suppress)


def test_every_mail_of_the_folder_is_listed():
    assert {row["file"] for row in ROWS} == {file.name for file in (FOLDER / "mails").iterdir()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_line_ends_change_nothing(row):
    raw = (FOLDER / "mails" / row["file"]).read_bytes()
    assert parse(raw.replace(b"\n", b"\r\n")) == parse(raw)
