"""Who wrote a mail, by its headers alone."""

import pytest

from bounces.parsers.mime import read_mail
from bounces.parsers.reporter import Reporter, reporter_of


def mail(*headers):
    return read_mail("\n".join([*headers, "", "x"]).encode())


@pytest.mark.parametrize(
    "headers",
    [
        ["From: MAILER-DAEMON@example.org"],
        ["From: Mail Delivery Subsystem <md@example.org>"],
        ["From: postmaster@example.org"],
        ["From: x@example.org", "X-Failed-Recipients: a@example.org"],
        ["From: x@example.org", "Return-Path: <>", "Subject: Undelivered Mail Returned to Sender"],
        ["Content-Type: multipart/report; report-type=delivery-status; boundary=B"],
    ],
)
def test_mail_servers_are_known(headers):
    assert reporter_of(mail(*headers)) is Reporter.SERVER


@pytest.mark.parametrize(
    "headers",
    [
        ["From: Taro <taro@example.org>", "Subject: Re: Undelivered Mail Returned to Sender"],
        ["From: Taro <taro@example.org>", "Subject: Fwd: failure notice"],
        ["From: backup@example.org", "Return-Path: <>", "Subject: Backup done"],
        ["From: Shop <shop@example.org>", "Subject: Your order could not be delivered"],
    ],
)
def test_people_and_machines_are_no_mail_servers(headers):
    assert reporter_of(mail(*headers)) is not Reporter.SERVER


def test_ordinary_mail_shows_no_sign():
    ordinary = mail(
        "From: Taro <taro@example.org>", "Subject: Hello", "Return-Path: <taro@example.org>"
    )
    assert reporter_of(ordinary) is Reporter.NOBODY
