"""A sender who is too fast or too many hears it per source address, and sees the gauges."""

import smtplib
import time

import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient


def send(client: smtplib.SMTP, recipient: str) -> str:
    """Send one letter and return the reply, whatever it is."""
    try:
        client.sendmail("b@shop.example", [recipient], letter(recipient))
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode() if isinstance(text, bytes) else text}"
    except smtplib.SMTPServerDisconnected as error:
        return str(error)
    return "250"


def test_connections_are_counted_per_source(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.adjust("docomo", connections=2)
    held = [connect("127.10.1.1"), connect("127.10.1.1")]

    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        connect("127.10.1.1")
    other = connect("127.10.1.1", source_ip="127.20.0.2")

    gauges = sandbox.receiver("docomo")
    assert gauges["connections_open"] == {"127.20.0.1": 2, "127.20.0.2": 1}
    assert gauges["connections_peak"]["127.20.0.1"] == 3
    assert gauges["connections_turned_away"] == {"127.20.0.1": 1}
    for client in (*held, other):
        client.quit()
    sandbox.wait_for(lambda: sandbox.receiver("docomo")["connections_open"] == {})


@pytest.mark.parametrize(
    ("server", "name", "recipient", "reply"),
    [
        ("127.10.0.1", "gmail", "a@gmail.com", "421 4.7.28 Gmail has detected an unusual rate"),
        ("127.10.3.1", "outlook", "a@outlook.com", "451 4.7.650 The mail server [127.20.0.1]"),
        ("127.10.4.1", "yahoo_japan", "a@yahoo.co.jp", "421 4.7.0 [TSS04] Messages from 127.20.0.1"),
        ("127.10.5.1", "icloud", "a@icloud.com", "421 4.7.0 [HCM1]"),
        ("127.10.1.1", "docomo", "a@docomo.ne.jp", "421 mfsmax.docomo.ne.jp Service not available"),
        ("127.10.2.1", "company", "a@kaisha.example", "450 4.7.1 Error: too much mail from"),
    ],
)  # fmt: skip
def test_too_fast_is_said_in_the_providers_words(
    sandbox: SandboxClient, connect: Connect, server: str, name: str, recipient: str, reply: str
) -> None:
    sandbox.world(speed=1.0)
    sandbox.adjust(name, messages_per_minute=2)
    client = connect(server)

    replies = [send(client, recipient) for _ in range(3)]

    assert replies[:2] == ["250", "250"]
    assert replies[2].startswith(reply)
    with connect(server, source_ip="127.20.0.2") as other:
        assert send(other, recipient) == "250"
    client.close()


def test_the_minute_is_a_practice_minute(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.world(speed=240.0)  # a minute is a quarter of a second
    sandbox.adjust("company", messages_per_minute=1)
    with connect("127.10.2.1") as client:
        assert send(client, "a@kaisha.example") == "250"
        time.sleep(0.3)
        assert send(client, "a@kaisha.example") == "250"


def test_au_resets_instead_of_speaking(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.world(speed=1.0)
    sandbox.adjust("au", messages_per_minute=1)
    with connect("127.10.6.1") as client:
        assert send(client, "a@au.com") == "250"

    with pytest.raises((ConnectionResetError, smtplib.SMTPServerDisconnected)):
        connect("127.10.6.1")
    (turned_away,) = sandbox.transactions(stage="connect")
    assert turned_away["outcome"] == "dropped"


def test_a_connection_is_used_up(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.adjust("gmail", messages_per_connection=1)
    client = connect()

    assert send(client, "a@gmail.com") == "250"
    assert send(client, "b@gmail.com").startswith("421 4.7.0 Connection expired")
    assert [row["rcpt_to"] for row in sandbox.messages()] == [["a@gmail.com"]]
    client.close()


def test_reset_gives_the_receiver_its_character_back(sandbox: SandboxClient) -> None:
    before = sandbox.receiver("gmail")["connections"]
    sandbox.adjust("gmail", connections=1, reply_delay_s=1)
    sandbox.fault("gmail", stage="rcpt", reply="451 later")
    sandbox.reset()

    after = sandbox.receiver("gmail")
    assert (after["connections"], after["reply_delay_s"], after["faults"]) == (before, 0.0, [])
