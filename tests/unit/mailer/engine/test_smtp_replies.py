"""Replies as octets: bounded, in any pieces."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.smtp_reply import MAX_LINES, RemoteError, Reply, ReplyParser
from mailer.engine.vocabulary import Stage

CONVERSATION = (
    b"220 mx.example.com ESMTP\r\n"
    b"250-mx.example.com\r\n250-SIZE 1000\r\n250 PIPELINING\r\n"
    b"550-5.1.1 No such user\r\n550 5.1.1 here\r\n421\r\n"
)
READ = [
    (220, ("mx.example.com ESMTP",)),
    (250, ("mx.example.com", "SIZE 1000", "PIPELINING")),
    (550, ("5.1.1 No such user", "5.1.1 here")),
    (421, ("",)),
]


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=12).map(sorted))
def test_replies_do_not_depend_on_how_octets_arrive(cuts):
    parser = ReplyParser()
    found: list[tuple[int, tuple[str, ...]]] = []
    for start, end in zip([0, *cuts], [*cuts, len(CONVERSATION)], strict=True):
        found += parser.feed(CONVERSATION[start:end])
    assert found == READ
    assert not parser.has_leftover


@pytest.mark.parametrize(
    "octets",
    [
        b"hello\r\n",
        b"25 x\r\n",
        b"999 x\r\n",
        b"250x\r\n",
        b"250-a\r\n251 b\r\n",
        b"250-a\r\n550 b\r\n",
        b"250 " + b"x" * 3000 + b"\r\n",
        b"2" * 3000,
        b"250-x\r\n" * (MAX_LINES + 1),
        b"\r\n",
    ],
    ids=lambda octets: repr(octets[:20]),
)
def test_what_is_no_reply_breaks_the_conversation(octets):
    with pytest.raises(RemoteError):
        list(ReplyParser().feed(octets))


@given(st.binary(max_size=200))
def test_random_octets_never_raise_anything_else(octets):
    with contextlib.suppress(RemoteError):
        list(ReplyParser().feed(octets))


def test_a_reply_tells_its_parts():
    reply = Reply(550, ("5.1.1 <a@example.com>:", "5.1.1 User unknown"), Stage.RCPT)
    assert (reply.enhanced, reply.text) == ("5.1.1", "<a@example.com>: User unknown")
    assert (reply.is_positive, reply.is_permanent) == (False, True)
    assert str(reply) == "550 5.1.1 <a@example.com>: User unknown"


@pytest.mark.parametrize(
    ("line", "enhanced"),
    [
        ("#5.1.0 Address", "5.1.0"),
        ("5.7.1: no", "5.7.1"),
        ("5.1.1.4 is", ""),
        ("12.5.1", ""),
        ("", ""),
    ],
)
def test_an_enhanced_code_is_not_mistaken(line, enhanced):
    assert Reply(550, (line,), Stage.RCPT).enhanced == enhanced


def test_words_in_an_old_encoding_are_kept_readable():
    [(_, lines)] = ReplyParser().feed("550 Empfänger unbekannt\t!\r\n".encode("latin-1"))
    assert lines == ("Empfänger unbekannt !",)
