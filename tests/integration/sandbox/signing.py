"""Two keys, their DNS records, and two signers that are independent of the product."""

import base64
import hashlib

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

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
    relaxed = (b"relaxed", b"relaxed")
    header: bytes = dkim.sign(raw, b"r1", b"shop.example", RSA_PEM, canonicalize=relaxed)
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
