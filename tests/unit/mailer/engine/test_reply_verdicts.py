"""What must hold of verdicts whatever the rules say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.replies import classify, reply_shape
from mailer.engine.vocabulary import ReplyClass, Scope, Stage


@pytest.mark.parametrize(
    ("code", "enhanced", "text", "stage", "provider", "reply_class", "scope", "suppress"),
    [
        (550, "5.1.1", "The email account that you tried to reach does not exist.", "rcpt", "google",
         "invalid-recipient", "recipient", True),
        (550, "", "Unknown user taro@docomo.ne.jp", "rcpt", "docomo", "invalid-recipient", "recipient", True),
        (550, "", "Unknown user taro@docomo.ne.jp", "dot", "docomo", "recipient-filter", "recipient", False),
        (550, "", "<taro@ezweb.ne.jp>: User unknown", "rcpt", "au", "invalid-recipient", "recipient", True),
        (550, "", ": User unknown", "rcpt", "au", "recipient-filter", "recipient", False),
        (450, "4.1.1", "<a@example.com>: User unknown", "rcpt", "", "invalid-recipient", "recipient", False),
        (550, "5.1.1", "<news@example.jp>: User unknown", "mail", "", "policy", "sending-domain", False),
        (550, "5.4.1", "Recipient address rejected: Access denied.", "rcpt", "microsoft-365",
         "invalid-recipient", "recipient", False),
        (421, "4.7.28", "unusual rate of mail from your DKIM domain", "dot", "google",
         "rate-limited", "sending-domain", False),
        (421, "4.7.28", "unusual rate of mail from your IP address", "dot", "google",
         "rate-limited", "source-ip", False),
        (550, "5.7.515", "Access denied, sending domain X", "dot", "microsoft-consumer",
         "authentication", "sending-domain", False),
        (421, "5.7.32", "From header is not aligned", "dot", "google",
         "authentication", "sending-domain", False),
        (552, "5.2.2", "over quota", "rcpt", "google", "mailbox-full", "recipient", False),
        (550, "5.2.1", "receiving mail at a rate that", "rcpt", "google", "rate-limited", "recipient", False),
        (550, "5.2.1", "The account is disabled", "rcpt", "google", "inactive-mailbox", "recipient", True),
        (550, "", "no thanks", "rcpt", "", "other", "none", False),
        (599, "", "", "dot", "", "other", "none", False),
    ],
)  # fmt: skip
def test_replies_of_the_field(code, enhanced, text, stage, provider, reply_class, scope, suppress):
    verdict = classify(code, enhanced, text, Stage(stage), provider)
    assert (verdict.reply_class, verdict.scope, verdict.may_suppress) == (
        ReplyClass(reply_class),
        Scope(scope),
        suppress,
    )
    assert verdict.is_permanent is (code >= 500)


@given(st.integers(400, 499), st.text(max_size=100), st.sampled_from(Stage))
def test_a_temporary_reply_never_suppresses(code, text, stage):
    verdict = classify(code, "5.1.1", text + " user unknown", stage)
    assert (verdict.may_suppress, verdict.is_permanent) == (False, False)


@given(st.integers(500, 599), st.text(max_size=200), st.sampled_from(Stage))
def test_random_words_never_suppress(code, text, stage):
    assert not classify(code, "", text, stage).may_suppress


@pytest.mark.parametrize("enhanced", ["5.7.1", "5.7.26", "5.3.4", "5.2.2", "5.6.0", "5.7.515"])
def test_faults_of_ours_never_suppress(enhanced):
    for text in ("", "user", "rejected", "mailbox blocked"):
        assert not classify(550, enhanced, text, Stage.DOT).may_suppress


def test_replies_of_a_kind_have_one_shape():
    first = "Messages from 192.0.2.5 to <a@example.com> deferred; see https://x.example/1 (q17A2B3C4D5E6F7)"
    second = "Messages from 198.51.100.77 to b@example.org deferred; see http://y.example (zz9A9B9C9D9E9F9)"
    assert reply_shape(first) == reply_shape(second)


def test_a_long_reply_takes_bounded_time():
    classify(550, "", "sender address " * 5000, Stage.RCPT)
