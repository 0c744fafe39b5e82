"""Codes and stages inside free words."""

import pytest

from bounces.parsers.quoted_reply import quoted_reply, without_codes
from bounces.parsers.remote_words import remote_words, without_phrases


@pytest.mark.parametrize(
    ("words", "code", "enhanced", "stage"),
    [
        ("said: 550 5.1.1 unknown (in reply to RCPT TO command)", 550, "5.1.1", "rcpt"),
        ("Remote host said: 554 no [MAIL_FROM]", 554, "", "mail"),
        ("Sorry, no mailbox here by that name. (#5.1.1)", 0, "5.1.1", None),
        ("192.0.2.1 failed after I sent the message. Remote host said: 552 full", 552, "", "dot"),
        ("after 450 seconds in the queue", 0, "", None),
        ("Your message totalled 512 bytes at 192.0.2.55", 0, "", None),
        ("refused to talk to me: 421 4.7.0 later", 421, "4.7.0", "connect"),
        ("5.1.0 - Unknown address error 550-'5.7.1 denied'", 550, "5.1.0", None),
    ],
)
def test_reply_is_found(words, code, enhanced, stage):
    reply = quoted_reply(words)
    assert (reply.code, reply.stage and reply.stage.value) == (code, stage)
    if "'" not in words:
        assert reply.enhanced == enhanced


def test_lines_of_one_reply_become_one_sentence():
    text = "550-5.1.1 The account does 550-5.1.1 not exist. 550 5.1.1 Bye"
    assert " ".join(without_codes(text).split()) == "The account does not exist. Bye"


def test_remote_words_are_what_the_other_server_said():
    google = (
        "rejected by the recipient domain. The error that the other server returned was: 452 full"
    )
    assert remote_words(google) == "452 full"
    assert remote_words("no such user") == ""


def test_phrases_of_the_reporting_server_are_no_reason():
    qmail = "mailbox full. I'm not going to try again; this message has been in the queue too long."
    assert without_phrases(qmail) == "mailbox full."
