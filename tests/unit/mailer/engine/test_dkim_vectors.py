"""Published vectors: RFC 6376 §3.4.5 for canonical forms, RFC 8463 appendix A for Ed25519."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from mailer.engine.dkim import (
    DkimError,
    SigningKey,
    dns_record,
    generate_ed25519,
    generate_rsa,
    relaxed_body,
    relaxed_header,
    sign,
)


def test_the_header_example_of_rfc_6376():
    assert relaxed_header(b"A", b" X") == b"a:X"
    assert relaxed_header(b"B ", b" Y\t\r\n\tZ  ") == b"b:Y Z"


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 §3.4.5
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b" \r\n\t\r\n", b""),
        (b"a", b"a\r\n"),
        (b"a ", b"a\r\n"),
        (b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n"),
        (b"a\r\n ", b"a\r\n"),
    ],
)
def test_bodies_in_relaxed_form(body, canonical):
    assert relaxed_body(body) == canonical


def test_the_empty_body_has_the_hash_of_rfc_6376():
    digest = hashlib.sha256(relaxed_body(b"\r\n")).digest()
    assert base64.b64encode(digest) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


RFC_8463_PRIVATE = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
RFC_8463_PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
RFC_8463_BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"


def test_the_key_of_rfc_8463_signs_hash_and_not_data():
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_8463_PRIVATE))
    signing = SigningKey("football.example.com", "brisbane", "ed25519-sha256", key)
    assert base64.b64encode(key.public_key().public_bytes_raw()).decode() == RFC_8463_PUBLIC
    signature = signing.signature(b"data")
    key.public_key().verify(signature, hashlib.sha256(b"data").digest())


def test_the_body_hash_of_rfc_8463():
    digest = hashlib.sha256(relaxed_body(RFC_8463_BODY)).digest()
    assert base64.b64encode(digest) == b"2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="


def test_the_signature_of_rfc_8463_is_made_over_our_canonical_form():
    """Ed25519 is deterministic: the published signature must verify over what we hash."""
    fields = [
        (b"From", b" Joe SixPack <joe@football.example.com>"),
        (b"To", b" Suzie Q <suzie@shopping.example.net>"),
        (b"Subject", b" Is dinner ready?"),
        (b"Date", b" Fri, 11 Jul 2003 21:00:37 -0700 (PDT)"),
        (b"Message-ID", b" <20030712040037.46341.5F8J@football.example.com>"),
    ]
    chosen = dict(fields)
    order = (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"From", b"Subject", b"Date")
    hashed = b"".join(
        relaxed_header(name, chosen.pop(name)) + b"\r\n" for name in order if name in chosen
    )
    value = (
        b" v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football"
        b".example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date"
        b" : message-id : from : subject : date;\r\n"
        b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="
    )
    signature = base64.b64decode(
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    )
    data = hashed + relaxed_header(b"DKIM-Signature", value)
    public = Ed25519PrivateKey.from_private_bytes(base64.b64decode(RFC_8463_PRIVATE)).public_key()
    public.verify(signature, hashlib.sha256(data).digest())


def test_records_to_publish():
    private, public = generate_ed25519()
    assert SigningKey.load_ed25519("example.jp", "s", private).algorithm == "ed25519-sha256"
    assert dns_record(public, "ed25519-sha256") == f"v=DKIM1; k=ed25519; p={public}"
    private, public = generate_rsa()
    key = SigningKey.load_rsa("example.jp", "s", private).key
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    assert dns_record(public, "rsa-sha256").startswith("v=DKIM1; k=rsa; p=MII")


def test_a_key_of_the_other_kind_is_refused():
    private, _ = generate_ed25519()
    with pytest.raises(DkimError, match="RSA"):
        SigningKey.load_rsa("example.jp", "s", private)


@pytest.mark.parametrize(
    "message",
    [
        b"From: a@example.jp\r\n\r\nbare\nline\r\n",
        b"From: a@example.jp\r\n\r\nbare\rreturn\r\n",
        b"From: a@example.jp\r\nSubject: no end\r\n",
        b"From: a@example.jp\r\n\r\nno end",
        b"Subject: nobody\r\n\r\nx\r\n",
    ],
)
def test_a_message_that_must_not_be_signed_is_refused(message):
    private, _ = generate_ed25519()
    with pytest.raises(DkimError):
        sign(message, [SigningKey.load_ed25519("example.jp", "s", private)], 0)
