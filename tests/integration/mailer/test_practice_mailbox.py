"""The practice mailbox shows an organisation its own mails, and nobody else's."""

from smtplib import SMTP

import pytest

from mailer.engine.tokens import Token, TokenKind
from mailer.keys import token_codec
from tests.factories.accounts import make_member, make_organisation
from tests.factories.mailer import make_mailing, make_sending_domain

pytestmark = pytest.mark.django_db
LETTER = """From: =?utf-8?B?6Iqx5a2Q?= <news@{host}>\r
To: <{to}>\r
Subject: Winter\r
Message-ID: <{to}>\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Hello <a href="http://127.0.0.1/c/1">beans</a><script>alert(1)</script></p>\r
"""


@pytest.fixture
def control(sandbox, settings):
    settings.SANDBOX_HTTP_PORT = sandbox.ports.http
    settings.SANDBOX_TOKEN = sandbox.token
    return sandbox


@pytest.fixture
def member():
    return make_member(make_organisation(), language="en")


@pytest.fixture
def reading(client, member):
    client.force_login(member.user)
    base = f"/o/{member.organisation.slug}/mailbox/"
    return lambda rest="": client.get(base + rest)


def deliver(control, mailing, *recipients: str) -> None:
    """Hand mails of this mailing to the receiver of kaisha.example."""
    path = token_codec().encode(Token(TokenKind.RETURN_PATH, mailing.pk, 7))
    with SMTP("127.10.2.1", control.ports.smtp, timeout=10) as smtp:
        for to in recipients:
            text = LETTER.format(host=mailing.sending_domain.name, to=to)
            smtp.sendmail(f"{path}@{mailing.sending_domain.return_path_host}", [to], text.encode())


def test_own_mails_are_listed_and_opened(control, member, reading):
    deliver(control, make_mailing(member.organisation), "taro@kaisha.example")
    (message,) = control.messages()
    html = reading().content.decode()
    assert "taro@kaisha.example" in html
    assert ">花子</span>" in html
    opened = reading(f"{message['id']}/").content.decode()
    assert "花子 &lt;news@sender.example&gt;" in opened
    assert 'sandbox=""' in opened
    assert "Company server" in opened
    assert 'href="http://127.0.0.1/c/1"' in opened


def test_the_html_is_shown_without_scripts_and_without_the_network(control, member, reading):
    deliver(control, make_mailing(member.organisation), "taro@kaisha.example")
    (message,) = control.messages()
    frame = reading(f"{message['id']}/frame/")
    assert "<script>alert(1)</script>" in frame.content.decode()  # shown as received
    policy = frame["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "img-src data:", "sandbox"} <= set(policy)
    assert "script-src" not in frame["Content-Security-Policy"]
    raw = reading(f"{message['id']}/raw/")
    assert raw["Content-Disposition"].startswith("attachment;")
    assert raw.content.endswith(b"</p>\r\n")


def test_another_organisations_mails_are_not_there_even_under_the_same_domain(
    control, member, reading
):
    make_sending_domain(member.organisation, "sender.example")
    deliver(control, make_mailing(make_organisation("Other")), "secret@kaisha.example")
    (message,) = control.messages()
    assert "secret@" not in reading().content.decode()
    for rest in ("", "frame/", "raw/"):
        assert reading(f"{message['id']}/{rest}").status_code == 404


def test_a_return_path_that_we_did_not_sign_belongs_to_nobody(control, member, reading):
    domain = make_mailing(member.organisation).sending_domain
    with SMTP("127.10.2.1", control.ports.smtp, timeout=10) as smtp:
        text = LETTER.format(host=domain.name, to="taro@kaisha.example").encode()
        smtp.sendmail(f"b-x@{domain.return_path_host}", ["taro@kaisha.example"], text)
    assert "taro@kaisha.example" not in reading().content.decode()


def test_it_is_searched_by_recipient_and_receiver(control, member, reading):
    mailing = make_mailing(member.organisation)
    deliver(control, mailing, "taro@kaisha.example", "jiro@kaisha.example")
    found = reading("?q=TARO").content.decode()
    assert "taro@kaisha.example" in found
    assert "jiro@" not in found
    assert "No mail fits" in reading("?receiver=gmail").content.decode()
    assert "jiro@" in reading("?receiver=company").content.decode()


def test_pages_lead_to_older_and_back_to_newer_mails(control, member, reading, monkeypatch):
    monkeypatch.setattr("mailer.selectors.mailbox.PAGE_SIZE", 2)
    recipients = [f"r{n}@kaisha.example" for n in range(1, 6)]
    deliver(control, make_mailing(member.organisation), *recipients)

    def shown(rest: str = "") -> list[str]:
        html = reading(rest).content.decode()
        return [each for each in reversed(recipients) if f">{each}<" in html]

    ids = {row["rcpt_to"][0]: row["id"] for row in control.messages()}
    assert shown() == recipients[:-3:-1]
    assert shown(f"?before={ids['r4@kaisha.example']}") == [
        "r3@kaisha.example",
        "r2@kaisha.example",
    ]
    assert shown(f"?after={ids['r2@kaisha.example']}") == ["r4@kaisha.example", "r3@kaisha.example"]


def test_a_silent_practice_internet_is_said_in_words(member, reading, settings):
    settings.SANDBOX_HTTP_PORT = 9  # discard: nobody listens
    make_sending_domain(member.organisation)
    for rest in ("", "1/", "1/frame/", "1/raw/"):
        assert "The practice internet does not answer" in reading(rest).content.decode()


def test_a_live_organisation_has_no_mailbox(client):
    member = make_member(make_organisation(kind="live"))
    client.force_login(member.user)
    assert client.get(f"/o/{member.organisation.slug}/mailbox/").status_code == 404
    assert "/mailbox/" not in client.get(f"/o/{member.organisation.slug}/").content.decode()
