"""Every rule keeps the promise of its own samples."""

import re

import pytest

from mailer.engine.replies import shipped_rules
from mailer.engine.vocabulary import ReplyClass, Stage

RULES = shipped_rules().rules
SAMPLE = re.compile(r"(\d{3}) (?:([245]\.\d{1,3}\.\d{1,3}) )?(.*)")


def classify_sample(rule, sample):
    match = SAMPLE.fullmatch(sample)
    assert match is not None
    code, enhanced, text = match.groups()
    stage = next((s for s in Stage if s in rule.stages), Stage.RCPT)
    provider = min(rule.providers, default="")
    return shipped_rules().classify(int(code), enhanced or "", text, stage, provider)


@pytest.mark.parametrize(
    ("rule", "sample"),
    [pytest.param(r, s, id=f"{r.name}: {s[:40]}") for r in RULES for s in r.matches],
)
def test_a_rule_decides_its_samples(rule, sample):
    assert classify_sample(rule, sample).rule == rule.name


@pytest.mark.parametrize(
    ("rule", "sample"),
    [pytest.param(r, s, id=f"{r.name}: {s[:40]}") for r in RULES for s in r.not_matches],
)
def test_a_rule_leaves_its_counter_samples_alone(rule, sample):
    assert classify_sample(rule, sample).rule != rule.name


def test_every_rule_has_samples_of_both_kinds():
    assert [rule.name for rule in RULES if not rule.matches or not rule.not_matches] == []


def test_rule_names_are_unique():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


def test_only_recipient_shaped_classes_suppress():
    suppressing = {rule.reply_class for rule in RULES if rule.suppress}
    assert suppressing == {
        ReplyClass.INVALID_RECIPIENT,
        ReplyClass.INACTIVE_MAILBOX,
        ReplyClass.BAD_DOMAIN,
    }
