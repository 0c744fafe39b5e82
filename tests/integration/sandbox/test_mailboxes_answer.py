"""Each provider says no in its own words, and the record says so too."""

import smtplib
import time

import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient

GMAIL, DOCOMO, COMPANY, AU = "127.10.0.1", "127.10.1.1", "127.10.2.1", "127.10.6.1"


@pytest.mark.parametrize(
    ("server", "recipient", "reply"),
    [
        (GMAIL, "unknown.a@gmail.com", "550 5.1.1 The email account that you tried to reach"),
        (GMAIL, "inactive.a@gmail.com", "550 5.2.1 The email account that you tried to reach is"),
        (GMAIL, "full.a@gmail.com", "452 4.2.2 The recipient's inbox is out of storage space"),
        (GMAIL, "overquota.a@gmail.com", "552 5.2.2 The recipient's inbox is out of storage"),
        (GMAIL, "a@docomo.ne.jp", "550 5.7.1 Relaying denied"),
        (DOCOMO, "gone-1@docomo.ne.jp", "550 Unknown user gone-1@docomo.ne.jp"),
        (DOCOMO, "full.a@docomo.ne.jp", "452 Too much mail data full.a@docomo.ne.jp"),
        (COMPANY, "unknown.a@kaisha.example", "550 5.1.1 <unknown.a@kaisha.example>: Recipient"),
        (AU, "unknown.a@au.com", "550 <unknown.a@au.com>: User unknown"),
        ("127.10.3.1", "unknown.a@outlook.com", "550 5.5.0 Requested action not taken: mailbox"),
        ("127.10.4.1", "unknown.a@yahoo.co.jp", "553 5.1.1 unknown.a@yahoo.co.jp... User unknown"),
        ("127.10.5.1", "unknown.a@icloud.com", "550 5.1.1 <unknown.a@icloud.com>: user does not"),
        ("127.10.7.1", "unknown.a@softbank.ne.jp", "550 Invalid recipient: <unknown.a@softbank"),
    ],
)  # fmt: skip
def test_a_recipient_is_refused_in_the_providers_words(
    sandbox: SandboxClient, connect: Connect, server: str, recipient: str, reply: str
) -> None:
    with connect(server) as client:
        client.mail("b@shop.example")
        code, words = client.rcpt(recipient)

    assert f"{code} {words.decode()}".startswith(reply)
    (noted,) = sandbox.transactions()
    assert noted["reply"].startswith(reply)
    assert noted["outcome"] == ("deferred" if code < 500 else "refused")
    assert (noted["stage"], noted["rcpt_to"]) == ("rcpt", recipient)
    assert sandbox.messages() == []


@pytest.mark.parametrize(
    ("server", "recipient", "reply"),
    [
        (DOCOMO, "filtered.a@docomo.ne.jp", "550 Unknown user filtered.a@docomo.ne.jp"),
        (AU, "filtered.a@ezweb.ne.jp", "550 : User unknown"),
        (GMAIL, "refused.a@gmail.com", "550 5.7.1 [127.20.0.1] Our system has detected"),
    ],
)
def test_a_filter_refuses_after_the_message(
    sandbox: SandboxClient, connect: Connect, server: str, recipient: str, reply: str
) -> None:
    with connect(server) as client, pytest.raises(smtplib.SMTPDataError) as refusal:
        client.sendmail("b@shop.example", [recipient], letter(recipient))

    assert isinstance(refusal.value.smtp_error, bytes)
    assert f"{refusal.value.smtp_code} {refusal.value.smtp_error.decode()}".startswith(reply)
    assert [(row["stage"], row["outcome"]) for row in sandbox.transactions()] == [
        ("dot", "refused")
    ]
    assert sandbox.messages() == []


def test_greylisting_opens_after_its_time(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.world(speed=600.0)  # five practice minutes are half a second
    recipient = "grey.a@kaisha.example"
    with connect(COMPANY) as client:
        client.mail("b1@shop.example")
        assert client.rcpt(recipient)[0] == 450
        client.rset()
        time.sleep(0.6)
        client.sendmail("b1@shop.example", [recipient], letter(recipient))

    assert [row["outcome"] for row in sandbox.transactions()] == ["deferred", "accepted"]


def test_carriers_take_loose_dots_and_quotes_name_the_same_mailbox(
    sandbox: SandboxClient, connect: Connect
) -> None:
    with connect(DOCOMO) as client:
        client.mail("b@shop.example")
        assert client.docmd("RCPT", "TO:<a..b@docomo.ne.jp>")[0] == 250
        assert client.docmd("RCPT", 'TO:<"c.."@docomo.ne.jp>')[0] == 250
        client.data(letter("a..b@docomo.ne.jp"))
    with connect(GMAIL) as client:
        client.mail("b@shop.example")
        assert client.docmd("RCPT", "TO:<a..b@gmail.com>")[0] == 553

    (message,) = sandbox.messages()
    assert message["rcpt_to"] == ["a..b@docomo.ne.jp", "c..@docomo.ne.jp"]


def test_a_lost_reply_keeps_the_message_and_a_lost_message_does_not(
    sandbox: SandboxClient, connect: Connect
) -> None:
    for recipient in ("lostreply.a@gmail.com", "lostmail.a@gmail.com"):
        with pytest.raises(smtplib.SMTPServerDisconnected):
            connect(GMAIL).sendmail("b@shop.example", [recipient], letter(recipient))

    assert [row["rcpt_to"] for row in sandbox.messages()] == [["lostreply.a@gmail.com"]]
    assert [row["outcome"] for row in sandbox.transactions()] == ["dropped", "dropped"]


def test_a_reset_is_a_reset(connect: Connect, sandbox: SandboxClient) -> None:
    client = connect(AU)
    client.mail("b@shop.example")
    # smtplib reports the reset it meets as a disconnection, naming its cause.
    with pytest.raises(smtplib.SMTPServerDisconnected, match="Connection reset by peer"):
        client.rcpt("reset.a@au.com")
    assert [row["reply"] for row in sandbox.transactions()] == ["(reset)"]


def test_base_rates_hit_ordinary_addresses_only_when_asked(
    sandbox: SandboxClient, connect: Connect
) -> None:
    sandbox.adjust("gmail", messages_per_connection=0)

    def refused() -> list[int]:
        with connect(GMAIL) as client:
            numbers = []
            for number in range(400):
                client.mail("b@shop.example")
                if client.rcpt(f"u{number}@gmail.com")[0] != 250:
                    numbers.append(number)
                client.rset()
            return numbers

    assert refused() == []
    sandbox.world(ambient=True)
    first = refused()
    assert 2 <= len(first) <= 30
    assert refused() == first
