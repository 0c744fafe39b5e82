"""Both algorithms, judged on the bytes as received, with keys asked from the practice DNS."""

import base64
import hashlib
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.integration.sandbox.conftest import Connect, letter
from tests.sandbox_client import SandboxClient

TO = "taro@gmail.com"
RSA_KEY = rsa.generate_private_key(65537, 2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()
RSA_PEM = RSA_KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
RSA_DER = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
RSA_RECORD = f"v=DKIM1; k=rsa; p={base64.b64encode(RSA_DER).decode()}"
ED_PUBLIC = base64.b64encode(ED_KEY.public_key().public_bytes_raw()).decode()
ED_RECORD = f"v=DKIM1; k=ed25519; p={ED_PUBLIC}"


def rsa_signed(raw: bytes) -> bytes:
    header: bytes = dkim.sign(raw, b"r1", b"shop.example", RSA_PEM, (b"relaxed", b"relaxed"))
    return header + raw


def ed_signed(raw: bytes) -> bytes:
    """Sign From and Subject in simple/simple form by hand (RFC 8463 §3): an independent signer."""
    head, _blank, body = raw.partition(b"\r\n\r\n")
    wanted = {line.split(b":")[0].lower(): line for line in head.split(b"\r\n")}
    body_hash = base64.b64encode(hashlib.sha256(body).digest()).decode()
    unsigned = (
        "DKIM-Signature: v=1; a=ed25519-sha256; c=simple/simple; d=shop.example; s=e1;"
        f" h=from:subject; bh={body_hash}; b="
    ).encode()
    digest = hashlib.sha256(
        wanted[b"from"] + b"\r\n" + wanted[b"subject"] + b"\r\n" + unsigned
    ).digest()
    return unsigned + base64.b64encode(ED_KEY.sign(digest)) + b"\r\n" + raw


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
