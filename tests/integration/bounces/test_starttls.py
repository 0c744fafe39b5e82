"""STARTTLS is offered where a certificate was given."""

import datetime as dt
import smtplib
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management.base import CommandError

from bounces.management.commands.inbound import _tls_context
from mailer.engine.tokens import TokenKind
from tests.factories.tracking import make_sent_mail
from tests.integration.bounces.server_thread import running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificate(tmp_path, settings):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "in.example")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path / "cert.pem"
    file.write_bytes(
        built.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    settings.INBOUND_TLS_CERT = str(file)


def test_mail_is_taken_inside_tls(certificate, monkeypatch):
    monkeypatch.setattr("bounces.inbound_server.process_inbound_soon", lambda: None)
    mail = make_sent_mail()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        running_server(tls=_tls_context()) as port,
        smtplib.SMTP("127.0.0.1", port, timeout=5) as client,
    ):
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=context)
        client.ehlo()
        assert not client.has_extn("auth")
        client.mail("")
        assert client.rcpt(f"{mail.token(TokenKind.RETURN_PATH)}@{mail.host}")[0] == 250
        assert client.data(b"x")[0] == 250


def test_unreadable_certificate_is_a_clear_sentence(settings):
    settings.INBOUND_TLS_CERT = "/nowhere/cert.pem"
    with pytest.raises(CommandError, match=r"TODOKU_INBOUND_TLS_CERT=/nowhere/cert\.pem"):
        _tls_context()
