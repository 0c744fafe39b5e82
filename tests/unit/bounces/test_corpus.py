"""Real mails (folder in TODOKU_CORPUS): what the machine-readable formats must reach, with the misses by name."""

import json
from dataclasses import dataclass, field

import pytest

from bounces.judgement import judge
from bounces.parsers import MailKind, parse
from bounces.policy import RECIPIENT_CLASSES

NEVER_FAILURES = {"not-a-bounce", "autoreply", "mdn", "dsn-success", "delay-warning"}


@dataclass
class Score:
    total: int = 0
    missed: list[str] = field(default_factory=list)

    def count(self, name: str, *, good: bool) -> None:
        self.total += 1
        if not good:
            self.missed.append(name)

    @property
    def share(self) -> float:
        return 1 - len(self.missed) / self.total


@pytest.fixture(scope="module")
def labelled(corpus):
    folder = corpus / "bounces" / "dev"
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]
    return [(row, parse((folder / "mails" / row["file"]).read_bytes())) for row in rows]


def would_stop(recipient):
    verdict = judge(recipient).verdict
    is_gone = verdict.may_suppress and verdict.reply_class in RECIPIENT_CLASSES
    return is_gone and recipient.action == "failed"


def test_kind_is_right(labelled):
    score = Score()
    for row, parsed in labelled:
        if row["kind"] in {"dsn", "dsn-success", "mdn", "autoreply", "not-a-bounce"}:
            score.count(row["file"], good=parsed.kind == row["kind"])
    assert score.share >= 0.99, score.missed


def test_nothing_else_is_taken_for_a_failure(labelled):
    taken = [
        row["file"]
        for row, parsed in labelled
        if row["kind"] in NEVER_FAILURES and parsed.kind in {MailKind.DSN, MailKind.TEXT_BOUNCE}
    ]
    assert taken == []


def test_recipient_is_found(labelled):
    score = Score()
    for row, parsed in labelled:
        if row["kind"] == "dsn" and row["recipients"]:
            wanted = {address.lower() for address in row["recipients"] + row["also_ok"]}
            found = {a.lower() for r in parsed.recipients for a in (r.address, r.original)}
            score.count(row["file"], good=bool(wanted & found))
    assert score.share >= 0.95, score.missed


def test_who_is_stopped_at_once(labelled):
    """A reader who must not be stopped weighs more than one who is stopped a mail later."""
    score, wrongly = Score(), []
    for row, parsed in labelled:
        if row["kind"] != "dsn":
            continue
        by_address = {a.lower(): r for r in parsed.recipients for a in (r.address, r.original)}
        lone = parsed.recipients[0] if len(parsed.recipients) == 1 else None
        for label in row["per_recipient"]:
            recipient = by_address.get(label["recipient"].lower(), lone)
            if recipient is None or label["suppress"] not in {"yes", "no"}:
                continue
            is_stopped = would_stop(recipient)
            score.count(row["file"], good=is_stopped == (label["suppress"] == "yes"))
            if is_stopped and label["suppress"] == "no":
                wrongly.append(row["file"])
    assert wrongly == []
    assert score.share >= 0.97, score.missed
