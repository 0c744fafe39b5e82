"""Mails of every family, cut, doubled, spliced and spoilt: no exception, no wait.

`TODOKU_FUZZ_EXAMPLES=20000` makes the long form of it.
"""

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bounces.management.commands.classify_bounces import description
from bounces.parsers import parse

EXAMPLES = int(os.environ.get("TODOKU_FUZZ_EXAMPLES", "300"))
MAILS = [
    file.read_bytes() for file in sorted((Path(__file__).parents[2] / "corpus" / "mails").iterdir())
]
SPICE = [
    b"\n", b"\n\n", b"\r", b"\0", b"\xff", b"\x1b$B", b"\x1b(B", b"<", b">", b"@", b":", b"--B", b"--B--",
    b"=?utf-8?B?",
    b"550 5.1.1 ", b"Final-Recipient: rfc822; ", b"Content-Type: multipart/mixed; boundary=B\n\n", b"{" * 50,
    b"Content-Transfer-Encoding: base64\n", b"a@b.example ", b"user " * 200, b"(" * 200, b"<<<" * 60, b" " * 3_000,
    b"<div>" * 300, b"&#x41;" * 300, b"example." * 300, b"unknown " * 300,
]  # fmt: skip


@st.composite
def mutated(draw):
    mail = bytearray(draw(st.sampled_from(MAILS)))
    for _ in range(draw(st.integers(1, 8))):
        at, length = draw(st.integers(0, len(mail))), draw(st.integers(0, 80))
        match draw(st.sampled_from(["spice", "bytes", "double", "splice"])):
            case "spice":
                mail[at : at + length] = draw(st.sampled_from(SPICE))
            case "bytes":
                mail[at : at + length] = draw(st.binary(max_size=12))
            case "double":
                mail[at:at] = mail[at : at + 10 * length] * draw(st.integers(1, 20))
            case "splice":
                mail[at:] = draw(st.sampled_from(MAILS))[at:]
    return bytes(mail)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(mutated())
def test_spoilt_mail_is_read_quickly_and_without_an_exception(raw):
    start = time.thread_time()
    description(parse(raw))
    assert time.thread_time() - start < 1


def crowd(line):
    report = "\n".join(line.format(n, "mailbox of the user is not " * 40) for n in range(2_000))
    return f"From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n{report}\n".encode()


@pytest.mark.parametrize(
    "raw",
    [
        crowd("<a{0}@example.org>: {1}"),
        crowd("a{0}@example.org"),
        crowd("Your message to a{0}@example.org was not delivered. {1}"),
        crowd(
            "Final-Recipient: rfc822; a{0}@example.org\nAction: failed\nDiagnostic-Code: x; {1}\n"
        ),
        crowd("550 a{0}@example.org... {1}"),
        crowd(">>> RCPT TO:<a{0}@example.org>\n<<< 550 {1}"),
        b"From: MAILER-DAEMON@example.org\n\n" + b"a@" * 200_000,
        b"From: MAILER-DAEMON@example.org\n\nnot delivered " + b"x." * 200_000 + b"@example.org",
        b"From: MAILER-DAEMON@example.org\nContent-Type: text/html\n\n" + b"<p" * 200_000,
        b"From: MAILER-DAEMON@example.org\nContent-Type: text/html\n\n" + b"<style>" * 50_000,
        b"From: MAILER-DAEMON@example.org\n\n" + b"-- this is a copy of the " * 50_000,
        b"Subject: " + b"undelivered mail returned to " * 20_000 + b"\n\nnot delivered",
        b"From: " + b"mail delivery " * 20_000 + b"\n\nnot delivered",
    ],
    ids=range(13),
)
def test_reports_made_to_be_slow_are_read_quickly(raw):
    start = time.thread_time()
    description(parse(raw))
    assert time.thread_time() - start < 1
