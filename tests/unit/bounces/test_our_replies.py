"""Replies in many wordings, none of them a sample of the rules: the rules must carry further than their samples."""

import csv
from pathlib import Path

import pytest

from bounces.judgement import judge_reply_line
from mailer.engine.vocabulary import Stage

FILE = Path(__file__).parents[2] / "corpus" / "replies.tsv"
STAGES = {stage.value: stage for stage in Stage} | {"data": Stage.DOT, "?": Stage.RCPT}


def rows():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["reply"][:60])
def test_reply_is_understood(row):
    verdict = judge_reply_line(row["reply"], STAGES[row["stage"]])
    assert (verdict.reply_class.value, verdict.may_suppress) == (
        row["class"],
        row["suppress"] == "yes",
    )
