"""A message arrives as it was, and the connection serves again."""

import asyncio

import pytest
import uvloop

from mailer.engine.smtp import LocalError, MessageTooLarge
from mailer.engine.vocabulary import Stage
from mailer.net.smtp_client import ConnectionLost, Uncertain, Withdrawn

from .scripted_smtp import ScriptedServer
from .smtp_calls import MESSAGE, connected, deliver

PLAIN = ("SIZE 1000000",)


@pytest.mark.parametrize(
    "extensions", [("PIPELINING",), PLAIN, None], ids=["pipelined", "step", "helo"]
)
async def test_messages_arrive_unchanged_over_one_connection(extensions):
    async with ScriptedServer(extensions=extensions) as server:
        connection = await connected(server)
        for number in range(3):
            reply = await deliver(connection, MESSAGE + b"%d\r\n" % number)
            assert (reply.code, reply.stage) == (250, Stage.DOT)
            assert connection.is_usable
        await connection.quit()
        assert server.messages == [MESSAGE + b"%d\r\n" % number for number in range(3)]
        assert len(server.peers) == 1
        assert server.commands[-1] == "QUIT"


@pytest.mark.parametrize("extensions", [("PIPELINING",), PLAIN], ids=["pipelined", "step"])
@pytest.mark.parametrize("code", ["450 4.2.0 later", "550 5.7.1 never"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_a_refusal_is_returned_with_its_stage_and_the_next_message_goes(
    stage, code, extensions
):
    async with ScriptedServer({stage: [code]}, extensions=extensions) as server:
        connection = await connected(server)
        reply = await deliver(connection)
        assert (str(reply), reply.stage.value) == (code, stage.lower())
        assert server.messages == []
        assert (await deliver(connection)).code == 250
        assert server.messages == [MESSAGE]
        connection.close()


async def test_a_354_for_a_refused_recipient_delivers_nothing():
    script = {
        "RCPT": ["550 5.1.1 no"],
        "DATA": ["354 go"],
        "DOT": ["554 5.5.1 no valid recipients"],
    }
    async with ScriptedServer(script) as server:
        connection = await connected(server)
        reply = await deliver(connection)
        assert (reply.code, reply.stage) == (550, Stage.RCPT)
        assert (await deliver(connection)).code == 250
        assert server.messages == [MESSAGE]
        connection.close()


async def test_a_connection_retires_after_its_messages():
    async with ScriptedServer() as server:
        connection = await connected(server, max_messages=2)
        await deliver(connection)
        assert connection.is_usable
        await deliver(connection)
        assert not connection.is_usable
        connection.close()


async def test_a_connection_retires_with_age():
    async with ScriptedServer() as server:
        connection = await connected(server, max_age_s=0.0)
        assert not connection.is_usable
        connection.close()


async def test_a_withdrawn_message_is_not_sent():
    async def no():
        return False

    async with ScriptedServer() as server:
        connection = await connected(server)
        with pytest.raises(Withdrawn):
            await deliver(connection, before_data=no)
        await asyncio.sleep(0.05)
        assert server.messages == []
        assert not connection.is_usable


async def test_the_dot_is_noted_before_it_leaves():
    seen = []

    async def note():
        await asyncio.sleep(0.05)
        seen.append((server.unfinished, list(server.messages)))

    async with ScriptedServer() as server:
        connection = await connected(server)
        await deliver(connection, dot_sent=note)
        assert seen == [(1, [])]
        assert server.messages == [MESSAGE]
        connection.close()


async def test_a_note_that_cannot_be_written_keeps_the_dot_back():
    def full():
        raise OSError("no space left")

    async with ScriptedServer() as server:
        connection = await connected(server)
        with pytest.raises(OSError, match="no space"):
            await deliver(connection, dot_sent=full)
        await asyncio.sleep(0.05)
        assert (server.messages, connection.is_usable) == ([], False)


async def test_a_message_that_must_not_be_sent_leaves_the_connection_as_good_as_before():
    async with ScriptedServer(extensions=("PIPELINING", "SIZE 60")) as server:
        connection = await connected(server)
        with pytest.raises(LocalError, match="bare"):
            await deliver(connection, b"x\n.\nMAIL FROM:<evil@example.jp>\r\n")
        with pytest.raises(MessageTooLarge):
            await deliver(connection, b"x" * 100 + b"\r\n")
        assert (await deliver(connection)).code == 250
        assert server.messages == [MESSAGE]
        assert not any("evil" in command for command in server.commands)
        connection.close()


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_it_works_on_uvloop_too(tls_context, is_encrypted):
    async def main():
        async with ScriptedServer(tls=tls_context if is_encrypted else None) as server:
            connection = await connected(server)
            assert connection.is_tls is is_encrypted
            big = MESSAGE + (b"x" * 70 + b"\r\n") * 12_000
            for _ in range(3):
                assert (await deliver(connection, big)).code == 250
            assert server.messages == [big] * 3
            await connection.quit()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


@pytest.mark.parametrize("stage", ["STARTTLS", "MAIL", "DOT"])
def test_losses_are_noticed_on_uvloop_too(stage):
    async def main():
        script = {stage: ["220 go|close" if stage == "STARTTLS" else "close"]}
        async with ScriptedServer(script) as server:
            connection = await connected(server)
            if stage == "STARTTLS":
                assert connection.has_broken_tls
                connection.close()
                return
            with pytest.raises(Uncertain if stage == "DOT" else ConnectionLost):
                await deliver(connection)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
