"""Both algorithms, judged on the bytes as received, with keys asked from the practice DNS."""

from typing import Any

import pytest

from tests.integration.sandbox.conftest import Connect, letter
from tests.integration.sandbox.signing import ED_RECORD, RSA_RECORD, ed_signed, rsa_signed
from tests.sandbox_client import SandboxClient

TO = "taro@gmail.com"


@pytest.fixture(autouse=True)
def _keys(sandbox: SandboxClient) -> None:
    sandbox.publish(
        "shop",
        ("r1._domainkey.shop.example", "TXT", RSA_RECORD),
        ("e1._domainkey.shop.example", "TXT", ED_RECORD),
    )


def verdicts(sandbox: SandboxClient, connect: Connect, raw: bytes) -> list[dict[str, Any]]:
    with connect() as client:
        client.sendmail("b@shop.example", [TO], raw)
    sandbox.wait_for(lambda: sandbox.messages()[-1]["dkim"] is not None)
    judged: list[dict[str, Any]] = sandbox.messages()[-1]["dkim"]
    return judged


def test_both_signatures_of_a_message_are_valid(sandbox: SandboxClient, connect: Connect) -> None:
    judged = verdicts(sandbox, connect, ed_signed(rsa_signed(letter(TO))))

    assert [(row["algorithm"], row["selector"], row["valid"]) for row in judged] == [
        ("ed25519-sha256", "e1", True),
        ("rsa-sha256", "r1", True),
    ]
    assert judged[0]["headers"] == ["from", "subject"]
    assert judged[0]["domain"] == "shop.example"


@pytest.mark.parametrize(
    ("old", "new"), [(b"Hello", b"Hallo"), (b"Subject: News", b"Subject: Nevs")]
)
def test_a_changed_message_is_found_out(
    sandbox: SandboxClient, connect: Connect, old: bytes, new: bytes
) -> None:
    raw = ed_signed(rsa_signed(letter(TO))).replace(old, new)

    judged = verdicts(sandbox, connect, raw)

    assert [row["valid"] for row in judged] == [False, False]
    assert all(row["reason"] for row in judged)


def test_a_missing_or_wrong_key_is_named(sandbox: SandboxClient, connect: Connect) -> None:
    raw = ed_signed(rsa_signed(letter(TO))).replace(b"s=r1", b"s=r2").replace(b"s=e1", b"s=e2")
    sandbox.publish("other", ("e2._domainkey.shop.example", "TXT", RSA_RECORD))

    judged = verdicts(sandbox, connect, raw)

    assert [row["reason"] for row in judged] == [
        "the key is of another type",
        "no key at r2._domainkey.shop.example.",
    ]


def test_a_broken_signature_header_harms_nothing(sandbox: SandboxClient, connect: Connect) -> None:
    raw = b"DKIM-Signature: nonsense\r\n" + rsa_signed(letter(TO))

    judged = verdicts(sandbox, connect, raw)

    assert [row["valid"] for row in judged] == [False, True]


def test_an_unsigned_message_has_no_verdicts(sandbox: SandboxClient, connect: Connect) -> None:
    assert verdicts(sandbox, connect, letter(TO)) == []


def test_gmail_wants_a_signature_or_spf_when_asked_to(
    sandbox: SandboxClient, connect: Connect
) -> None:
    sandbox.world(authentication=True)
    with connect() as client, pytest.raises(Exception, match=r"5\.7\.26"):
        client.sendmail("b@shop.example", [TO], letter(TO))
    assert [row["valid"] for row in verdicts(sandbox, connect, rsa_signed(letter(TO)))] == [True]

    sandbox.publish("spf", ("bounce.shop.example", "TXT", "v=spf1 include:spf.todoku.example -all"))
    with connect() as client:
        client.sendmail("b@bounce.shop.example", [TO], letter(TO))
    assert sandbox.messages()[-1]["spf"] == "pass"


def test_an_aligned_signature_passes_dmarc(sandbox: SandboxClient, connect: Connect) -> None:
    sandbox.publish("dmarc", ("_dmarc.shop.example", "TXT", "v=DMARC1; p=reject"))

    verdicts(sandbox, connect, rsa_signed(letter(TO)))
    verdicts(sandbox, connect, letter(TO))

    assert [row["dmarc"] for row in sandbox.messages()] == ["pass", "fail"]
