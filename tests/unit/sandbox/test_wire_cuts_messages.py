"""The end of a message is found wherever the network cuts the bytes."""

import asyncio
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.wire import ClientGone, Data, LineTooLong, Wire

BODIES = st.lists(
    st.sampled_from([b"", b".", b"..", b".a", b"text", b"\xe3\x81\x82", b"a.b"]), max_size=6
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


class NoTransport:
    def get_extra_info(self, _name: str) -> None:
        return None

    def resume_reading(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass


def stuffed(body: bytes) -> bytes:
    return b"".join(
        (b"." if line.startswith(b".") else b"") + line for line in body.splitlines(keepends=True)
    )


async def receive(chunks: list[bytes], limit: int = 10_000) -> tuple[Data, bytes]:
    """Feed chunks one by one to a reader that waits; return the message and the next line."""
    wire = Wire(lambda _wire: None, 5.0)
    wire.connection_made(cast(asyncio.Transport, NoTransport()))
    reading = asyncio.create_task(wire.data(limit))
    for chunk in chunks:
        await asyncio.sleep(0)
        wire.data_received(chunk)
    return await reading, await wire.line()


@given(BODIES, st.integers(1, 7))
def test_any_cutting_gives_the_same_message(body: bytes, step: int) -> None:
    stream = stuffed(body) + b".\r\nRSET\r\n"
    chunks = [stream[start : start + step] for start in range(0, len(stream), step)]

    data, following = asyncio.run(receive(chunks))

    assert data == Data(body, len(stuffed(body)), too_big=False, has_bare_ends=False)
    assert following == b"RSET"


@given(st.integers(0, 60), st.integers(1, 9))
def test_too_big_is_told_and_the_conversation_goes_on(length: int, step: int) -> None:
    stream = b"x" * length + b"\r\n.\r\nQUIT\r\n"
    chunks = [stream[start : start + step] for start in range(0, len(stream), step)]

    data, following = asyncio.run(receive(chunks, limit=20))

    assert data.too_big is (length + 2 > 20)
    assert data.size == length + 2
    assert following == b"QUIT"


@pytest.mark.parametrize("bare", [b"a\nb\r\n", b"a\rb\r\n", b"a\n.\nb\r\n", b"a\r\r\n"])
def test_bare_line_ends_are_seen(bare: bytes) -> None:
    data, _following = asyncio.run(receive([bare + b".\r\nQUIT\r\n"]))

    assert data.has_bare_ends


async def test_a_line_without_end_is_too_long() -> None:
    wire = Wire(lambda _wire: None, 5.0)
    wire.connection_made(cast(asyncio.Transport, NoTransport()))
    wire.data_received(b"x" * 5000)

    with pytest.raises(LineTooLong):
        await wire.line()


async def test_what_was_sent_before_the_end_is_still_read() -> None:
    wire = Wire(lambda _wire: None, 5.0)
    wire.connection_made(cast(asyncio.Transport, NoTransport()))
    wire.data_received(b"QUIT\r\nhalf")
    wire.eof_received()

    assert await wire.line() == b"QUIT"
    with pytest.raises(ClientGone):
        await wire.line()
