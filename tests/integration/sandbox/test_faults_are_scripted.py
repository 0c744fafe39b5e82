import smtplib
import time

import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient

TO = "taro@gmail.com"


def test_a_reply_at_each_stage(sandbox: SandboxClient, connect: Connect) -> None:
    with connect() as client:
        for stage in ("mail", "rcpt", "data"):
            sandbox.fault("gmail", stage=stage, reply=f"451 4.3.0 at {stage}")
            with pytest.raises(smtplib.SMTPException, match=f"at {stage}"):
                client.sendmail("b@shop.example", [TO], letter(TO))
            client.rset()
        sandbox.fault("gmail", stage="dot", reply="554 5.7.1 at dot")
        with pytest.raises(smtplib.SMTPDataError, match="at dot"):
            client.sendmail("b@shop.example", [TO], letter(TO))
        assert sandbox.messages() == []
        client.sendmail("b@shop.example", [TO], letter(TO))

    assert [(row["stage"], row["outcome"]) for row in sandbox.transactions()] == [
        ("mail", "deferred"),
        ("rcpt", "deferred"),
        ("data", "deferred"),
        ("dot", "refused"),
        ("dot", "accepted"),
    ]


def test_a_fault_strikes_as_often_as_it_says(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.fault("gmail", stage="rcpt", reply="450 4.2.1 later", times=2)
    with connect() as client:
        client.mail("b@shop.example")
        assert [client.rcpt(TO)[0] for _ in range(3)] == [450, 450, 250]
    assert sandbox.receiver("gmail")["faults"] == []


def test_a_fault_chooses_its_recipients(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.fault("gmail", stage="rcpt", reply="550 no", recipient="hana*", times=None)
    with connect() as client:
        client.mail("b@shop.example")
        assert [client.rcpt(name)[0] for name in (TO, "hana.1@gmail.com", "hana@gmail.com")] == [
            250,
            550,
            550,
        ]


@pytest.mark.parametrize(("keep", "kept"), [(True, 1), (False, 0)])
def test_the_connection_drops_after_the_final_dot(
    sandbox: SandboxClient, connect: Connect, keep: bool, kept: int
) -> None:
    sandbox.fault("gmail", stage="dot", drop="close", keep=keep)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        connect().sendmail("b@shop.example", [TO], letter(TO))

    assert len(sandbox.messages()) == kept
    assert [row["outcome"] for row in sandbox.transactions()] == ["dropped"]


@pytest.mark.parametrize("drop", ["close", "reset"])
def test_the_connection_drops_at_once(sandbox: SandboxClient, connect: Connect, drop: str) -> None:
    sandbox.fault("gmail", stage="connect", drop=drop)
    with pytest.raises((smtplib.SMTPException, ConnectionError)):
        connect()
    connect().quit()


def test_a_delay_alone_changes_nothing_else(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.fault("gmail", stage="dot", delay_s=0.5)
    with connect() as client:
        started = time.monotonic()
        client.sendmail("b@shop.example", [TO], letter(TO))
    assert time.monotonic() - started >= 0.5
    assert len(sandbox.messages()) == 1


def test_tls_can_be_refused(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.fault("gmail", stage="tls", reply="454 4.7.0 TLS not available")
    with connect() as client:
        with pytest.raises(smtplib.SMTPResponseException, match="454"):
            client.starttls()
        client.sendmail("b@shop.example", [TO], letter(TO))


@pytest.mark.parametrize(
    "fault",
    [
        {"stage": "lunch", "reply": "451 x"},
        {"stage": "dot"},
        {"stage": "dot", "reply": "later"},
        {"stage": "dot", "drop": "slowly"},
        {"stage": "dot", "reply": 451},
        {"stage": "dot", "reply": "451 x", "colour": "red"},
        "dot",
    ],
)
def test_a_fault_that_is_none_is_refused(sandbox: SandboxClient, fault: object) -> None:
    response = sandbox.http.patch("/receivers/gmail", json={"faults": [fault]})

    assert response.status_code == 422
    assert sandbox.receiver("gmail")["faults"] == []
