"""A report's reply is judged like one heard during a conversation."""

import pytest

from bounces.judgement import judge
from bounces.parsers import ReportedRecipient


def report(status, diagnostic, action="failed"):
    return ReportedRecipient("taro@r.example", action=action, status=status, diagnostic=diagnostic)


@pytest.mark.parametrize(
    ("status", "diagnostic", "code", "enhanced", "reply_class", "may_suppress"),
    [
        ("5.1.1", "550 5.1.1 <x>: User unknown", 550, "5.1.1", "invalid-recipient", True),
        ("5.0.0", "550 5.2.2 Mailbox full", 550, "5.2.2", "mailbox-full", False),
        ("5.7.1", "550 5.7.1 blocked using zen.spamhaus.org", 550, "5.7.1", "reputation-block", False),
        ("4.4.7", "550 5.1.1 User unknown", 550, "5.1.1", "invalid-recipient", True),
        ("5.0.0", "5.1.0 - Unknown address error 550-'5.7.1 Access denied'", 550, "5.7.1", "policy", False),
        ("5.1.1", "", 550, "5.1.1", "invalid-recipient", True),
    ],
)  # fmt: skip
def test_servers_words_count_more_than_the_status(
    status, diagnostic, code, enhanced, reply_class, may_suppress
):
    reply = judge(report(status, diagnostic))
    assert (reply.code, reply.enhanced) == (code, enhanced)
    assert (reply.verdict.reply_class, reply.verdict.may_suppress) == (reply_class, may_suppress)


def test_delay_never_suppresses():
    reply = judge(report("4.2.1", "450 4.2.1 User unknown for the moment", action="delayed"))
    assert (reply.code, reply.verdict.may_suppress) == (450, False)
