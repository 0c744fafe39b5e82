"""Lost connections: what may be tried again, and what must not."""

import asyncio

import pytest

from mailer.engine.smtp import LocalError
from mailer.engine.vocabulary import Stage
from mailer.net.smtp_client import ConnectionLost, Uncertain

from .scripted_smtp import CLOSE, RESET, SILENT, ScriptedServer
from .smtp_calls import connected, deliver


@pytest.mark.parametrize("how", [CLOSE, RESET, SILENT, "junk", "250-a\\r\\n550 b"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("extensions", [("PIPELINING",), ("SIZE",)], ids=["pipelined", "step"])
async def test_a_loss_before_the_dot_means_not_accepted(stage, how, extensions):
    async with ScriptedServer({stage: [how]}, extensions=extensions) as server:
        connection = await connected(server)
        with pytest.raises(ConnectionLost) as lost:
            await deliver(connection)
        assert not lost.value.is_quiet
        if how != RESET:  # a reset may overtake the replies before it
            assert lost.value.stage.value == stage.lower()
        assert (server.messages, connection.is_usable) == ([], False)


@pytest.mark.parametrize("how", [CLOSE, RESET, SILENT, "junk"])
async def test_a_loss_after_the_dot_is_uncertain(how):
    async with ScriptedServer({"DOT": [how]}) as server:
        connection = await connected(server)
        with pytest.raises(Uncertain):
            await deliver(connection)
        assert not connection.is_usable
        assert len(server.messages) == 1


async def test_nothing_more_is_said_after_a_fault():
    async with ScriptedServer({"MAIL": [CLOSE]}) as server:
        connection = await connected(server)
        with pytest.raises(ConnectionLost):
            await deliver(connection)
        with pytest.raises(LocalError, match="fault"):
            await deliver(connection)
        await connection.quit()
        assert len(server.peers) == 1


@pytest.mark.parametrize("farewell", ["|close", "\\r\\n421 4.7.0 Max messages reached|close"])
async def test_a_close_between_messages_is_quiet(farewell):
    async with ScriptedServer({"DOT": ["250 queued" + farewell]}) as server:
        connection = await connected(server)
        assert (await deliver(connection)).code == 250
        await asyncio.sleep(0.05)
        assert not connection.is_usable


async def test_a_close_as_the_next_message_begins_is_quiet_too():
    script = {"MAIL": ["250 ok", CLOSE]}
    async with ScriptedServer(script) as server:
        connection = await connected(server)
        await deliver(connection)
        with pytest.raises(ConnectionLost) as lost:
            await deliver(connection)
        assert lost.value.is_quiet


async def test_a_refusal_followed_by_a_close_is_still_a_refusal():
    async with ScriptedServer({"RCPT": ["550 5.1.1 unknown|close"]}) as server:
        connection = await connected(server)
        reply = await deliver(connection)
        assert (reply.code, reply.stage) == (550, Stage.RCPT)
        assert not connection.is_usable


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_a_421_is_the_last_word(stage):
    async with ScriptedServer({stage: ["421 4.7.0 slow down|close"]}) as server:
        connection = await connected(server)
        reply = await deliver(connection)
        assert (reply.code, reply.stage.value) == (421, stage.lower())
        assert not connection.is_usable


async def test_a_receiver_that_speaks_mid_message_did_not_take_it():
    async def wait():
        await asyncio.sleep(0.1)

    async with ScriptedServer({"BODY": ["552 5.3.4 too big|close"]}) as server:
        connection = await connected(server)
        reply = await deliver(connection, b"line\r\n" * 50, dot_sent=wait)
        assert (reply.code, reply.stage) == (552, Stage.DATA)
        assert (server.messages, connection.is_usable) == ([], False)


async def test_a_cancelled_delivery_closes_the_connection():
    async with ScriptedServer({"DOT": [SILENT]}) as server:
        connection = await connected(server)
        task = asyncio.ensure_future(deliver(connection))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not connection.is_usable
