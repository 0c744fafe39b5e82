"""Only CRLF, however the octets are arranged."""

from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.dkim import relaxed_body
from mailer.engine.line_ends import has_only_crlf

pieces = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b" ", b"\x0b", b"\x1c", b"\x85"]))


@given(pieces)
def test_only_pairs_count_as_line_ends(parts):
    octets = b"".join(parts)
    pairs = octets.count(b"\r\n")
    is_clean = octets.count(b"\r") == octets.count(b"\n") == pairs and octets.endswith(b"\r\n")
    assert has_only_crlf(octets) is is_clean


@given(
    st.lists(st.sampled_from([b"a", b"b c", b"", b" ", b"d ", b" e", b"f  g", b"\t"]), max_size=90)
)
def test_the_fast_look_at_blanks_changes_no_canonical_form(lines):
    body = b"\r\n".join(lines) + b"\r\n"
    plain = [b" ".join(line.replace(b"\t", b" ").split(b" ")) for line in lines]
    expected = []
    for line in plain:
        words = line.split()
        lead = b" " if words and line.startswith(b" ") else b""
        expected.append(lead + b" ".join(words))
    while expected and not expected[-1]:
        expected.pop()
    assert relaxed_body(body) == b"".join(line + b"\r\n" for line in expected)
