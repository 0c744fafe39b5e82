"""RFC 3464 and RFC 6533 reports, and mails that only look like one."""

import pytest

from bounces.parsers import MailKind, ReportedRecipient, parse
from tests.factories.bounces import crlf, make_answer, make_complaint, make_dsn


def test_failed_recipient_is_read_with_the_servers_words():
    parsed = parse(make_dsn("taro@r.example", original_headers="X-Todoku-Token: abc"))
    assert parsed.kind is MailKind.DSN
    assert parsed.recipients == (
        ReportedRecipient(
            address="taro@r.example",
            action="failed",
            status="5.1.1",
            diagnostic="550 5.1.1 <x>: Recipient address rejected: User unknown",
            remote_mta="mx.r.example",
            context="I'm sorry to have to inform you.",
        ),
    )
    assert parsed.original_header("X-Todoku-Token") == "abc"
    assert parsed.subject == "Undelivered Mail Returned to Sender"


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", MailKind.DSN),
        ("failed (bad destination)", "5.1.1", MailKind.DSN),
        ("delayed", "4.4.1", MailKind.DELAY_WARNING),
        ("delivered", "2.0.0", MailKind.DSN_SUCCESS),
        ("relayed", "2.0.0", MailKind.DSN_SUCCESS),
        ("expanded", "2.0.0", MailKind.DSN_SUCCESS),
        ("", "4.4.1", MailKind.DELAY_WARNING),
        ("", "", MailKind.DSN),
    ],
)
def test_action_decides_what_kind_it_is(action, status, kind):
    assert parse(make_dsn("taro@r.example", action=action, status=status)).kind is kind


def test_address_in_utf8_is_read():
    report = make_dsn("x").replace(b"rfc822; x", rb"utf-8; \x{592A}\x{90CE}@r.example")
    assert parse(report).recipients[0].address == "太郎@r.example"


def test_line_ends_do_not_matter():
    report = make_dsn("taro@r.example")
    wanted = parse(report)
    assert parse(report.replace(b"\r\n", b"\n")) == wanted
    assert parse(report.replace(b"\r\n", b"\r")) == wanted


def test_report_in_base64_is_read():
    body = b"RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IHRhcm9Aci5leGFtcGxlCkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK"
    report = crlf(
        """
        From: MAILER-DAEMON@r.example
        Content-Type: multipart/report; boundary=B

        --B
        Content-Type: message/delivery-status
        Content-Transfer-Encoding: base64

        BODY
        --B--
        """
    ).replace(b"BODY", body)
    assert parse(report).recipients[0].address == "taro@r.example"


def test_several_recipients_keep_their_own_fate():
    group = b"Final-Recipient: rfc822; jiro@r.example\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n"
    group += b"--B1\r\nContent-Type: text/rfc"
    report = make_dsn("taro@r.example").replace(b"--B1\r\nContent-Type: text/rfc", group)
    parsed = parse(report)
    assert [(r.address, r.action) for r in parsed.recipients] == [
        ("taro@r.example", "failed"),
        ("jiro@r.example", "delayed"),
    ]


def test_forwarded_report_is_somebody_elses():
    head = b"From: hanako@r.example\r\nSubject: Fwd\r\nContent-Type: multipart/mixed; boundary=OUT\r\n\r\n"
    mail = (
        head
        + b"--OUT\r\nContent-Type: message/rfc822\r\n\r\n"
        + make_dsn("taro@r.example")
        + b"\r\n--OUT--\r\n"
    )
    assert parse(mail).kind is MailKind.NOT_A_BOUNCE


def test_complaint_is_read_without_any_address():
    parsed = parse(make_complaint("tok"))
    assert (parsed.kind, parsed.feedback_type, parsed.recipients) == (MailKind.ARF, "abuse", ())
    assert parsed.original_header("x-todoku-token") == "tok"


def test_answers_are_told_apart():
    assert parse(make_answer()).kind is MailKind.NOT_A_BOUNCE
    assert parse(make_answer(auto=True)).kind is MailKind.AUTOREPLY


def test_mail_servers_notice_is_no_auto_reply():
    notice = b"From: MAILER-DAEMON@r.example\r\nAuto-Submitted: auto-replied\r\nSubject: Returned mail\r\n\r\nx"
    assert parse(notice).kind is MailKind.NOT_A_BOUNCE
