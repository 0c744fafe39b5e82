"""Whatever arrives: no exception, and no mail takes long."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bounces.judgement import judge
from bounces.parsers import parse
from bounces.parsers.mime import MAX_BYTES
from tests.factories.bounces import make_answer, make_complaint, make_dsn

SAMPLES = [make_dsn("taro@r.example"), make_complaint("tok"), make_answer(auto=True)]
SPICE = [
    b"\r\n", b"\n\n", b"--B1", b"--B1--", b";", b"=?utf-8?B?=?=", b"=?x?Q?\xff?=", b"\0", b"\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=B1", b"Content-Transfer-Encoding: base64\r\n", b'"',
    b"Final-Recipient: ", b"utf-8; \\x{110000}\\x{D800}@", b"<>", b"@",
]  # fmt: skip


@st.composite
def mutated_mails(draw):
    mail = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(mail)))
        length = draw(st.integers(0, 40))
        mail[at : at + length] = draw(st.sampled_from(SPICE) | st.binary(max_size=8))
    return bytes(mail)


@settings(max_examples=600, deadline=1_000)
@given(mutated_mails())
def test_mutated_mail_never_breaks_the_parser(raw):
    for recipient in parse(raw).recipients:
        judge(recipient)


@settings(max_examples=300, deadline=1_000)
@given(st.binary(max_size=2_000))
def test_random_bytes_never_break_the_parser(raw):
    parse(raw)


def nested(depth):
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(depth)
    )
    return head + b"\r\nend"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (nested(5_000), "too-deep"),
        (b"Content-Type: message/rfc822\r\n\r\n" * 5_000, "too-deep"),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 50_000,
            "too-many-parts",
        ),
        (b"X: y\r\n" * 500_000, ""),
        (b"X: " + b" y\r\n " * 500_000, ""),
        (b"Content-Type: text/plain; " + b'a="' * 100_000 + b"\r\n\r\n", ""),
        (b"Subject: " + b"=?utf-8?Q?" * 100_000 + b"\r\n\r\n", ""),
        (
            b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 100_000,
            "",
        ),
        (b"Content-Type: message/delivery-status\r\n\r\n" + b"x\n" * 250_000, ""),
        (b"a" * (MAX_BYTES + 1), "too-large"),
    ],
    ids=range(10),
)
def test_heavy_mail_is_read_within_a_second(raw, problem):
    start = time.thread_time()
    assert parse(raw).problem == problem
    assert time.thread_time() - start < 1
