"""How well a labelled collection of real bounces is understood, where one is at hand (`TODOKU_CORPUS`).

The collection stays outside the project; see its README for what the labels mean. The table names every miss.
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from bounces.management.commands.classify_bounces import description
from bounces.parsers import parse

LEAST = {"kind": 0.99, "recipient": 0.99, "class": 0.97, "suppress": 0.98}
FAILURES = {"dsn", "text-bounce", "delay-warning"}
HARMLESS = {"not-a-bounce", "mdn", "autoreply", "dsn-success", "delay-warning"}


@dataclass
class Score:
    right: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, is_right, what):
        if is_right:
            self.right += 1
        else:
            self.misses.append(what)

    @property
    def share(self):
        return self.right / max(self.right + len(self.misses), 1)


@pytest.fixture(scope="module")
def scores(corpus):
    folder = corpus / "bounces" / "dev"
    found: dict[str, Score] = defaultdict(Score)
    for line in (folder / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        if not label.get("unscored"):
            read = description(parse((folder / "mails" / label["file"]).read_bytes()))
            score_mail(found, label, read)
    return found


def score_mail(scores, label, read):
    file = label["file"]
    scores["kind"].add(
        read["kind"] == label["kind"], f"{file}: {label['kind']}, read as {read['kind']}"
    )
    stopped = [r["address"] for r in read["recipients"] if r["suppress"]]
    if label["kind"] in HARMLESS:
        scores["harmless"].add(not stopped, f"{file}: stops {stopped}")
    if label["kind"] not in FAILURES | {"arf"}:
        return
    names = {r["address"].lower() for r in read["recipients"]}
    right = {a.strip("<>").lower() for a in label["recipients"] + label["also_ok"]}
    if label["recipients"]:
        scores["recipient"].add(bool(names & right), f"{file}: {label['recipients']}, read {names}")
    if label["kind"] in FAILURES:
        for row in label["per_recipient"]:
            score_recipient(scores, label, row, read["recipients"])


def score_recipient(scores, label, row, recipients):
    wanted = row["recipient"].strip("<>").lower()
    mine = next((r for r in recipients if r["address"].lower() == wanted), None)
    if mine is None and (len(recipients) == 1 or len(label["per_recipient"]) == 1):
        mine = next(iter(recipients), None)
    mine = mine or {"class": None, "suppress": False}
    what = f"{label['file']} {wanted}"
    scores["class"].add(
        mine["class"] in row["class_ok"], f"{what}: {row['class_ok']}, read as {mine['class']}"
    )
    if row["suppress"] in {"yes", "no"} and label["kind"] != "delay-warning":
        scores["suppress"].add(
            mine["suppress"] == (row["suppress"] == "yes"),
            f"{what}: {row['suppress']} ({row['class']})",
        )


def test_targets_are_reached(scores, capsys):
    with capsys.disabled():
        sys.stdout.write(f"\n{table(scores)}\n")
    assert {name: scores[name].share for name in LEAST if scores[name].share < LEAST[name]} == {}


def test_no_harmless_mail_stops_anybody(scores):
    assert scores["harmless"].misses == []


def table(scores):
    lines = []
    for name, score in sorted(scores.items()):
        total = score.right + len(score.misses)
        lines.append(f"{name:10} {score.right:4} of {total:4}  {score.share:6.1%}")
        lines += [f"           {miss}" for miss in score.misses]
    return "\n".join(lines)
