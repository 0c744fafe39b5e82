import email
import email.policy
from datetime import UTC, datetime
from typing import Any

from sandbox.reports import Original, Reporter, automatic_answer, bounce, complaint

RAW = (
    "From: 店 <news@shop.example>\r\nTo: sato@docomo.ne.jp\r\nSubject: あ\r\nMessage-ID: <1@shop.example>\r\n"
    "X-Token: t1\r\n\r\n本文 sato@docomo.ne.jp\r\n"
).encode()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORIGINAL = Original(RAW, "b-t1@bounce.shop.example", "sato@docomo.ne.jp", "127.20.0.1", NOW)
REPORTER = Reporter("mfsmax.docomo.ne.jp", "docomo.ne.jp", "docomo")


def parsed(raw: bytes) -> Any:
    assert b"\n" not in raw.replace(b"\r\n", b"")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message.defects == []
    return message


def test_a_bounce_is_a_delivery_status_report() -> None:
    raw = bounce(
        ORIGINAL, REPORTER, action="failed", status="5.1.1", diagnostic="550 Unknown user", now=NOW
    )
    message = parsed(raw)
    _text, status, headers = message.get_payload()
    about_message, about_recipient = status.get_payload()

    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert status.get_content_type() == "message/delivery-status"
    assert about_message["Reporting-MTA"] == "dns; mfsmax.docomo.ne.jp"
    assert dict(about_recipient.items()) == {
        "Final-Recipient": "rfc822; sato@docomo.ne.jp",
        "Original-Recipient": "rfc822;sato@docomo.ne.jp",
        "Action": "failed",
        "Status": "5.1.1",
        "Remote-MTA": "dns; mfsmax.docomo.ne.jp",
        "Diagnostic-Code": "smtp; 550 Unknown user",
    }
    assert headers.get_content_type() == "text/rfc822-headers"
    assert "X-Token: t1" in headers.get_payload()


def test_a_complaint_is_a_feedback_report_with_the_whole_message() -> None:
    message = parsed(complaint(ORIGINAL, REPORTER, redacted=False, to="b@x", now=NOW))
    _text, feedback, original = message.get_payload()
    fields = feedback.as_string()

    assert message.get_param("report-type") == "feedback-report"
    assert "Feedback-Type: abuse" in fields
    assert "Original-Rcpt-To: <sato@docomo.ne.jp>" in fields
    assert "Reported-Domain: shop.example" in fields
    assert original.get_payload(0)["X-Token"] == "t1"


def test_a_redacted_complaint_names_nobody_but_keeps_the_token() -> None:
    raw = complaint(ORIGINAL, REPORTER, redacted=True, to="fbl@x", now=NOW)

    assert b"sato@docomo.ne.jp" not in raw
    assert b"b-t1@bounce" not in raw
    assert b"X-Token: t1" in raw


def test_an_automatic_answer_says_that_it_is_one() -> None:
    message = parsed(automatic_answer(ORIGINAL, REPORTER, NOW))

    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<1@shop.example>"
    assert "休暇" in message.get_content()
