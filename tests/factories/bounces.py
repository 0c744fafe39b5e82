"""Mails that come back, as servers write them. `raw` has CRLF line ends."""

from textwrap import dedent


def crlf(text: str) -> bytes:
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def make_dsn(
    address: str,
    *,
    action="failed",
    status="5.1.1",
    diagnostic="smtp; 550 5.1.1 <x>: Recipient address rejected: User unknown",
    original_headers="Subject: News",
) -> bytes:
    return crlf(
        f"""
        From: MAILER-DAEMON@mx.r.example (Mail Delivery System)
        To: whoever@bounce.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

        --B1
        Content-Type: text/plain

        I'm sorry to have to inform you.

        --B1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.r.example

        Final-Recipient: rfc822; {address}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.r.example
        Diagnostic-Code: {diagnostic}

        --B1
        Content-Type: text/rfc822-headers

        {original_headers}

        --B1--
        """
    )


def make_complaint(token: str, *, feedback_type="abuse") -> bytes:
    return crlf(
        f"""
        From: staff@fbl.example
        To: abuse@bounce.example
        Subject: FW: News
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="B1"

        --B1
        Content-Type: text/plain

        This is an email abuse report.

        --B1
        Content-Type: message/feedback-report

        Feedback-Type: {feedback_type}
        User-Agent: SomeGenerator/1.0
        Version: 1

        --B1
        Content-Type: message/rfc822

        From: news@t.example
        Subject: News
        X-Todoku-Token: {token}

        Hello
        --B1--
        """
    )


def make_answer(*, auto=False) -> bytes:
    return crlf(
        f"""
        From: hanako@r.example
        To: whoever@bounce.example
        Subject: {"Automatic reply: News" if auto else "Re: News"}

        Thank you for your mail.
        """
    )
