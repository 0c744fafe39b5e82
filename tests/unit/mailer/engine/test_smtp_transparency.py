"""No message can end early or smuggle a second one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.engine.smtp import LocalError, transparent

lines = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x.", b"text", b". "]), min_size=1)


@given(lines)
def test_the_receiver_reads_what_was_written(parts):
    message = b"\r\n".join(parts) + b"\r\n"
    octets = transparent(message)
    assert b"\r\n.\r\n" not in b"\r\n" + octets
    read = [line.removeprefix(b".") for line in octets.split(b"\r\n")]
    assert b"\r\n".join(read) == message


@pytest.mark.parametrize(
    "message",
    [
        b"x\n.\nMAIL FROM:<a@example.jp>\r\n",
        b"x\n.\r\n",
        b"x\r.\r\r\n",
        b"x\r\n.\r",
        b"x\n\r\n",
        b"no end",
        b"",
        b"nul \0\r\n",
    ],
)
def test_octets_that_servers_read_differently_are_refused(message):
    with pytest.raises(LocalError):
        transparent(message)
