"""Agreement with a labelled collection of real replies, where one is at hand."""

import csv
import re

from mailer.engine.replies import classify
from mailer.engine.vocabulary import Stage

LEAST_AGREEMENT = 0.97
PROVIDERS = {"docomo": "docomo", "ezweb/kddi": "au", "softbank": "softbank", "google": "google"}
STAGES = {"connect": Stage.CONNECT, "mail": Stage.MAIL, "rcpt": Stage.RCPT, "data": Stage.DOT}
REPLY = re.compile(r"(\d{3})[ -](?:#?([245]\.\d{1,3}\.\d{1,3})(?=[\s:,;)]|$))?(.*)", re.DOTALL)


def rows(corpus):
    with (corpus / "replies-dev.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def verdict_of(row):
    match = REPLY.fullmatch(row["reply"])
    assert match is not None
    code, enhanced, text = match.groups()
    stage = STAGES.get(row["stage"], Stage.RCPT)
    provider = PROVIDERS.get(row["provider"], "")
    return classify(int(code), enhanced or "", text.strip(), stage, provider)


def test_classes_agree_with_the_labelled_replies(corpus, record_property):
    wrong = [
        (row["class"], verdict.reply_class.value, verdict.rule, row["reply"][:150])
        for row in rows(corpus)
        if (verdict := verdict_of(row)).reply_class != row["class"]
    ]
    total = sum(1 for _ in rows(corpus))
    agreement = 1 - len(wrong) / total
    record_property("agreement", agreement)
    report = "\n".join(" | ".join(line) for line in wrong)
    assert agreement >= LEAST_AGREEMENT, f"{agreement:.3f} of {total}\n{report}"


def test_nobody_is_suppressed_whom_the_labels_protect(corpus):
    wrongly = [
        row["reply"]
        for row in rows(corpus)
        if row["may_suppress"] == "no" and verdict_of(row).may_suppress
    ]
    assert wrongly == []
