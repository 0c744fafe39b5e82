"""Finding a host that talks to us, in clear or encrypted."""

import socket

import pytest

from mailer.engine.mx import Candidate
from mailer.net.smtp_client import (
    ConnectFailed,
    Refused,
    SourceUnavailable,
    TlsFailed,
    TlsPolicy,
    connect,
)

from .scripted_smtp import CLOSE, RESET, SILENT, ScriptedServer
from .smtp_calls import MX, connected, deliver, options

DEAD = Candidate("dead.test", "127.0.0.2")


async def test_a_dead_host_sends_us_to_the_next():
    async with ScriptedServer() as server:
        connection = await connect([DEAD, MX], options(server))
        assert connection.candidate == MX
        connection.close()


@pytest.mark.parametrize("how", [CLOSE, RESET, SILENT, "junk"])
async def test_a_host_without_a_greeting_sends_us_to_the_next(how):
    async with ScriptedServer({"CONNECT": [how]}) as server:
        connection = await connect([MX, MX], options(server))
        assert len(server.peers) == 2
        connection.close()


async def test_all_hosts_dead_is_told_with_every_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = type("Nobody", (), {"port": taken.getsockname()[1]})
        with pytest.raises(ConnectFailed) as failed:
            await connect([MX, DEAD], options(server))
    assert [candidate for candidate, _ in failed.value.failures] == [MX, DEAD]
    assert failed.value.was_reset


@pytest.mark.parametrize(
    ("script", "stage"),
    [({"CONNECT": ["554 5.7.1 blocked"]}, "connect"), ({"EHLO": ["550 5.7.1 no"]}, "ehlo")],
)
async def test_a_refusing_host_is_obeyed(script, stage):
    async with ScriptedServer(script) as server:
        with pytest.raises(Refused) as refused:
            await connect([MX, MX], options(server))
        assert refused.value.reply.stage.value == stage
        assert len(server.peers) == 1


async def test_the_source_address_is_the_one_seen():
    async with ScriptedServer() as server:
        connection = await connected(server, source_address="127.0.0.9")
        assert server.peers == ["127.0.0.9"]
        assert server.commands == ["EHLO mail.example.jp"]
        connection.close()


async def test_a_source_address_of_somebody_else_is_our_fault():
    async with ScriptedServer() as server:
        with pytest.raises(SourceUnavailable, match=r"198\.51\.100\.1: EADDRNOTAVAIL"):
            await connected(server, source_address="198.51.100.1")
        assert server.peers == []


async def test_tls_is_used_where_offered(tls_context):
    async with ScriptedServer(tls=tls_context) as server:
        connection = await connected(server)
        assert (connection.is_tls, connection.has_broken_tls) == (True, False)
        assert (await deliver(connection)).code == 250
        assert [line.split()[0] for line in server.commands[:3]] == ["EHLO", "STARTTLS", "EHLO"]
        await connection.quit()


@pytest.mark.parametrize("how", [CLOSE, "220 go|close", "220 go\\r\\n250 injected"])
async def test_broken_tls_falls_back_to_clear_text(how):
    async with ScriptedServer({"STARTTLS": [how]}) as server:
        if how == CLOSE or "injected" in how:
            with pytest.raises(ConnectFailed):
                await connected(server)
            return
        connection = await connected(server)
        assert (connection.is_tls, connection.has_broken_tls) == (False, True)
        assert (await deliver(connection)).code == 250
        connection.close()


@pytest.mark.parametrize(
    "server",
    [
        ScriptedServer(),
        ScriptedServer({"STARTTLS": ["454 4.7.0 not now"]}),
        ScriptedServer({"STARTTLS": ["220 go|close"]}),
    ],
    ids=["not offered", "refused", "broken"],
)
async def test_required_tls_never_falls_back(server):
    async with server:
        with pytest.raises(TlsFailed):
            await connected(server, tls=TlsPolicy.REQUIRED)
        assert len(server.peers) == 1
        assert not any(line.startswith("MAIL") for line in server.commands)


async def test_a_refused_starttls_goes_on_in_clear_text():
    async with ScriptedServer({"STARTTLS": ["454 4.7.0 not now"]}) as server:
        connection = await connected(server)
        assert (await deliver(connection)).code == 250
        assert not connection.is_tls
        connection.close()
