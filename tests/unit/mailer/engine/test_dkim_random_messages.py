"""Every signature we make is verified by dkimpy, over random messages.

`TODOKU_DKIM_MESSAGES` sets how many (default 100).
"""

import os
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.engine import dkim
from sandbox.verifier import KeyServer, verdicts

COUNT = int(os.environ.get("TODOKU_DKIM_MESSAGES", "100"))
NOW = 1_790_000_000

octet = st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n")
line = st.one_of(st.text(octet, max_size=90), st.sampled_from(["", " ", "\t", "  ", ".", "a  b "]))
bodies = st.lists(line, max_size=12).map("\r\n".join)
# dkimpy strips form feeds and vertical tabs from header values, which RFC 6376 does not.
header_octet = octet.filter(lambda character: character not in "\v\f")
value = st.lists(st.text(header_octet, min_size=1, max_size=40), min_size=1, max_size=3).map(
    "\r\n\t".join
)
names = st.sampled_from(
    ["To", "Subject", "date", "MESSAGE-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
     "Reply-To", "List-Id", "X-Other", "Content-Type", "Received"]
)  # fmt: skip
fields = st.lists(st.tuples(names, value), max_size=10)


@cache
def keys():
    rsa, rsa_public = dkim.generate_rsa()
    ed, ed_public = dkim.generate_ed25519()
    records = {
        "r._domainkey.example.jp.": dkim.dns_record(rsa_public, "rsa-sha256"),
        "e._domainkey.mail.example.jp.": dkim.dns_record(ed_public, "ed25519-sha256"),
    }
    signing = [
        dkim.SigningKey.load_rsa("example.jp", "r", rsa),
        dkim.SigningKey.load_ed25519("mail.example.jp", "e", ed),
    ]
    return signing, records


class Records(KeyServer):
    def __init__(self):
        super().__init__(0)

    def text(self, name, timeout=0.0):
        name = name.decode() if isinstance(name, bytes) else name
        return keys()[1][name].encode()


def message_of(rows, body, end):
    head = "".join(f"{name}: {text}\r\n" for name, text in rows)
    return f"From: news@example.jp\r\n{head}\r\n{body}{end}".encode("latin-1")


@settings(max_examples=COUNT, deadline=None)
@given(fields, bodies, st.sampled_from(["\r\n", "\r\n\r\n\r\n", " \r\n"]))
def test_both_signatures_verify(rows, body, end):
    signed = dkim.sign(message_of(rows, body, end), keys()[0], NOW)
    found = verdicts(signed, Records())
    assert [(v["valid"], v["algorithm"], v["reason"]) for v in found] == [
        (True, "rsa-sha256", ""),
        (True, "ed25519-sha256", ""),
    ]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["Subject", "To", "List-Unsubscribe", "From"]))
def test_a_second_field_added_on_the_way_breaks_both(name):
    signed = dkim.sign(message_of([("Subject", "x")], "body", "\r\n"), keys()[0], NOW)
    for tampered in (f"{name}: evil\r\n".encode() + signed, signed.replace(b"body", b"bodY")):
        assert [v["valid"] for v in verdicts(tampered, Records())] == [False, False]


def test_signature_lines_are_short_and_folded():
    signed = dkim.sign(message_of([("Subject", "x")], "body", "\r\n"), keys()[0], NOW)
    head = signed.partition(b"\r\nFrom:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert head.count(b"DKIM-Signature: v=1;") == 2
