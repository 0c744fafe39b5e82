"""The standard library reads back what we built: same values, legal lines."""

import datetime as dt
import email
import email.policy
from email.header import decode_header, make_header
from email.utils import getaddresses

from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.mime import MessageParts, build_message

printable = st.text(
    st.one_of(
        st.characters(min_codepoint=32, max_codepoint=126),
        st.characters(min_codepoint=0xA0, exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
        st.sampled_from('髙﨑①㈱〜−𠮷👨‍👩‍👧 "\\=?,<>@()'),
    ),
    max_size=120,
)
bodies = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def build(subject="s", from_name="", to_name="", text="t", html="<p>h</p>"):
    return build_message(
        MessageParts(
            from_name=from_name,
            from_address="news@example.jp",
            to_name=to_name,
            to_address="taro@example.com",
            subject=subject,
            date=dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
            message_id="id@example.jp",
            text=text,
            html=html,
        )
    )


def unfolded(raw, name):
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    return message[name].replace("\r\n", "").replace("\n", "")


@given(printable)
def test_a_subject_comes_back(subject):
    value = unfolded(build(subject=subject), "Subject")
    assert str(make_header(decode_header(value))) == subject


@given(printable, printable)
def test_names_come_back_beside_their_addresses(from_name, to_name):
    raw = build(from_name=from_name, to_name=to_name)
    for header, name, address in (
        ("From", from_name, "news@example.jp"),
        ("To", to_name, "taro@example.com"),
    ):
        [(phrase, found)] = getaddresses([unfolded(raw, header)])
        assert found == address
        assert str(make_header(decode_header(phrase))) == name


@given(bodies, bodies)
def test_both_bodies_come_back_with_crlf_line_ends(text, html):
    raw = build(text=text, html="<p>" + html)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part.get_payload(decode=True).decode() for part in message.iter_parts()]  # type: ignore[union-attr]  # leaves give octets
    assert parts == [canonical(text), canonical("<p>" + html)]


def canonical(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(printable, printable, bodies)
def test_every_line_is_legal(subject, name, text):
    raw = build(subject=subject, to_name=name, text=text, html=text)
    raw.decode("ascii")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert all(len(word) <= 75 for word in raw.split() if word.startswith(b"=?"))
