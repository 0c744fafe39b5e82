"""What a sending domain's owner must publish, and what counts as published."""

import pytest

from mailer.engine.dns_records import DnsRecord, Finding, Purpose, judge, records_for

KEY = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
RECORDS = {
    record.purpose: record
    for record in records_for(
        domain="mail.example.jp",
        return_path_host="bounce.mail.example.jp",
        inbound_host="mx.todoku.example",
        dkim=[("rsa", "td2611r", KEY)],
        source_ips=["192.0.2.1", "2001:db8::1"],
    )
}


def test_records_name_every_source_ip_in_spf():
    assert RECORDS[Purpose.SPF] == DnsRecord(
        Purpose.SPF, "TXT", "mail.example.jp", "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all"
    )


def test_records_lead_bounces_to_the_inbound_host():
    assert RECORDS[Purpose.RETURN_PATH_MX].value == "10 mx.todoku.example."


@pytest.mark.parametrize(
    ("purpose", "found", "finding"),
    [
        (Purpose.DKIM_RSA, ["v=DKIM1;k=rsa;p=MIIBIjANBgkq hkiG9w0BAQEFAAOCAQ8A"], Finding.FOUND),
        (Purpose.DKIM_RSA, ["v=DKIM1; k=rsa; p=another"], Finding.WRONG),
        (Purpose.DKIM_RSA, [], Finding.MISSING),
        (
            Purpose.SPF,
            ["v=spf1 a mx ip4:192.0.2.1 include:x.example ip6:2001:db8::1 -all"],
            Finding.FOUND,
        ),
        (Purpose.SPF, ["v=spf1 ip4:192.0.2.1 -all"], Finding.WRONG),
        (Purpose.SPF, ["google-site-verification=abc"], Finding.MISSING),
        (Purpose.SPF, ["v=spf1 -all", "v=spf1 ip4:192.0.2.1 ~all"], Finding.TWICE),
        (Purpose.DMARC, ["v=DMARC1; p=reject; rua=mailto:d@example.jp"], Finding.FOUND),
        (Purpose.DMARC, ["v=DMARC1; rua=mailto:d@example.jp"], Finding.WRONG),
        (Purpose.RETURN_PATH_MX, ["20 other.example", "10 MX.todoku.example."], Finding.FOUND),
        (Purpose.RETURN_PATH_MX, ["10 other.example"], Finding.WRONG),
        (Purpose.SENDER_MX, ["10 other.example"], Finding.FOUND),
        (Purpose.SENDER_MX, [], Finding.MISSING),
    ],
)
def test_judgement_says_what_was_found(purpose, found, finding):
    assert judge(RECORDS[purpose], found).finding is finding
