"""Reports that come after acceptance, by SMTP, where the return path's MX leads."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from tests.integration.sandbox.conftest import Connect, Inbound, letter
from tests.sandbox_client import SandboxClient

RETURN_PATH = "b-t1@bounce.shop.example"


@pytest.fixture(autouse=True)
def _fast(sandbox: SandboxClient) -> None:
    sandbox.world(speed=2000.0)


def send(connect: Connect, server: str, recipient: str, return_path: str = RETURN_PATH) -> None:
    with connect(server) as client:
        client.sendmail(return_path, [recipient], letter(recipient, extra="X-Token: t1\r\n"))


def only_mail(sandbox: SandboxClient, inbound: Inbound) -> tuple[str, str, EmailMessage, str]:
    sandbox.wait_for(lambda: inbound.mails)
    sandbox.wait_for(lambda: sandbox.log(kind="report_sent"))
    ((sender, recipient, raw, peer),) = inbound.mails
    return sender, recipient, email.message_from_bytes(raw, policy=email.policy.default), peer


def test_a_late_bounce_comes_to_the_return_path(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound
) -> None:
    send(connect, "127.10.2.1", "late.a@kaisha.example")

    sender, recipient, message, peer = only_mail(sandbox, inbound)
    assert (sender, recipient, peer) == ("", RETURN_PATH, "127.10.2.1")
    assert message.get_content_type() == "multipart/report"
    status = message.as_string()
    assert "Status: 5.1.1" in status
    assert "Final-Recipient: rfc822; late.a@kaisha.example" in status
    assert "X-Token: t1" in status
    assert [row["outcome"] for row in sandbox.transactions()] == ["accepted"]


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("latefull.a@kaisha.example", "Status: 5.2.2"),
        ("delayed.a@kaisha.example", "Action: delayed"),
        ("away.a@kaisha.example", "Auto-Submitted: auto-replied"),
        ("complain.a@kaisha.example", "Feedback-Type: abuse"),
        ("spam.a@kaisha.example", "Feedback-Type: abuse"),
    ],
)
def test_each_kind_of_report_is_sent(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound, recipient: str, expected: str
) -> None:
    send(connect, "127.10.2.1", recipient)

    assert expected in only_mail(sandbox, inbound)[2].as_string()


def test_outlook_complains_to_the_registered_address_without_names(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound
) -> None:
    sandbox.world(complaint_address="fbl@bounce.shop.example")
    send(connect, "127.10.3.1", "complain.a@outlook.com")

    _sender, recipient, message, _peer = only_mail(sandbox, inbound)
    assert recipient == "fbl@bounce.shop.example"
    assert "complain.a@outlook.com" not in message.as_string()
    assert "X-Token: t1" in message.as_string()


def test_a_null_return_path_gets_no_report(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound
) -> None:
    send(connect, "127.10.2.1", "late.a@kaisha.example", return_path="")
    send(connect, "127.10.2.1", "late.b@kaisha.example")

    assert "late.b@" in only_mail(sandbox, inbound)[2].as_string()
    assert sandbox.counts()["errands"] == {}


def test_a_deferred_report_is_tried_again(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound
) -> None:
    inbound.answer = "451 4.3.0 later"
    send(connect, "127.10.2.1", "late.a@kaisha.example")
    sandbox.wait_for(lambda: sandbox.log(kind="errand_postponed"))
    inbound.answer = "250 OK"

    only_mail(sandbox, inbound)


def test_a_refused_report_is_not_repeated(
    sandbox: SandboxClient, connect: Connect, inbound: Inbound
) -> None:
    inbound.answer = "550 5.1.1 no such return path"
    send(connect, "127.10.2.1", "late.a@kaisha.example")

    (refusal,) = sandbox.wait_for(lambda: sandbox.log(kind="report_refused"))
    assert "no such return path" in refusal["detail"]["reply"]
    assert sandbox.counts()["errands"] == {}


@pytest.mark.parametrize("value", ["203.0.113.5", "10.0.0.1"])
def test_no_report_ever_leaves_loopback(
    sandbox: SandboxClient, connect: Connect, value: str
) -> None:
    sandbox.publish(
        "shop",
        ("bounce.shop.example", "MX", "10 mx.shop.example."),
        ("mx.shop.example", "A", value),
    )
    send(connect, "127.10.2.1", "late.a@kaisha.example")

    (noted,) = sandbox.wait_for(lambda: sandbox.log(kind="report_unroutable"))
    assert noted["detail"]["to"] == RETURN_PATH
