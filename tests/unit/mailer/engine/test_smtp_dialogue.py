"""The order of an SMTP conversation, and what is refused."""

import pytest

from mailer.engine.smtp import (
    CapabilityMissing,
    Dialogue,
    LocalError,
    MessageTooLarge,
    RemoteError,
    State,
)
from mailer.engine.vocabulary import Stage

MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


def introduced(*capabilities):
    dialogue = Dialogue()
    dialogue.receive(b"220 hi\r\n")
    dialogue.ehlo("mail.example.jp")
    lines = ["mx.example.com", *capabilities]
    text = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"
    dialogue.receive(text.encode())
    return dialogue


def in_data(*capabilities):
    dialogue = introduced("PIPELINING", *capabilities)
    dialogue.mail("a@example.jp", MESSAGE)
    dialogue.rcpt("b@example.com")
    dialogue.data()
    dialogue.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    return dialogue


def test_a_pipelined_transaction_from_greeting_to_verdict():
    dialogue = in_data("SIZE 10000")
    assert dialogue.state is State.IN_DATA
    assert dialogue.end_of_data() == b".\r\n"
    assert dialogue.is_in_doubt
    [reply] = dialogue.receive(b"250 2.0.0 queued as 1\r\n")
    assert (reply.stage, reply.code, dialogue.is_in_doubt) == (Stage.DOT, 250, False)
    assert dialogue.is_usable


def test_commands_are_written_as_the_standard_wants():
    dialogue = introduced("PIPELINING", "SIZE 10000", "8BITMIME", "SMTPUTF8")
    assert dialogue.mail("", MESSAGE) == b"MAIL FROM:<> SIZE=20\r\n"
    assert dialogue.rcpt('"a..b"@docomo.ne.jp') == b'RCPT TO:<"a..b"@docomo.ne.jp>\r\n'
    assert dialogue.data() == b"DATA\r\n"
    other = introduced("SMTPUTF8", "8BITMIME")
    octets = other.mail("a@example.jp", "é\r\n".encode(), rcpt="ü@example.com")
    assert octets == b"MAIL FROM:<a@example.jp> BODY=8BITMIME SMTPUTF8\r\n"


def test_each_reply_keeps_its_stage():
    dialogue = introduced("PIPELINING")
    dialogue.mail("a@example.jp", MESSAGE)
    dialogue.rcpt("b@example.com")
    dialogue.data()
    replies = dialogue.receive(b"250 ok\r\n550 5.1.1 no\r\n503 no recipients\r\n")
    assert [reply.stage for reply in replies] == [Stage.MAIL, Stage.RCPT, Stage.DATA]


def test_a_refused_envelope_is_reset_before_the_next():
    dialogue = introduced("PIPELINING")
    dialogue.mail("a@example.jp", MESSAGE)
    dialogue.rcpt("b@example.com")
    dialogue.receive(b"250 ok\r\n550 no\r\n")
    dialogue.close_transaction()
    assert dialogue.mail("a@example.jp", MESSAGE) == b"RSET\r\nMAIL FROM:<a@example.jp>\r\n"


def test_a_refused_sender_leaves_nothing_to_reset():
    dialogue = introduced("PIPELINING")
    dialogue.mail("a@example.jp", MESSAGE)
    dialogue.receive(b"550 no\r\n")
    dialogue.close_transaction()
    assert not dialogue.needs_reset


def test_without_pipelining_every_command_waits():
    dialogue = introduced("SIZE")
    dialogue.mail("a@example.jp", MESSAGE)
    with pytest.raises(LocalError, match="before the reply to MAIL"):
        dialogue.rcpt("b@example.com")


def test_tls_forgets_what_was_said_in_the_clear():
    dialogue = introduced("STARTTLS", "PIPELINING")
    dialogue.starttls()
    dialogue.receive(b"220 go\r\n")
    with pytest.raises(LocalError):
        dialogue.mail("a@example.jp", MESSAGE)
    dialogue.tls_started()
    assert (dialogue.capabilities, dialogue.state, dialogue.is_tls) == ({}, State.GREETED, True)


def test_octets_slipped_in_before_tls_break_the_conversation():
    dialogue = introduced("STARTTLS")
    dialogue.starttls()
    with pytest.raises(RemoteError):
        dialogue.receive(b"220 go\r\n250 you are fooled\r\n")
    other = introduced("STARTTLS")
    other.starttls()
    with pytest.raises(RemoteError, match="injected"):
        other.receive(b"220 go\r\n250")


def test_a_refused_starttls_leaves_the_conversation_usable():
    dialogue = introduced("STARTTLS")
    dialogue.starttls()
    dialogue.receive(b"454 not now\r\n")
    assert dialogue.is_usable
    with pytest.raises(CapabilityMissing):
        introduced("PIPELINING").starttls()


def test_what_the_receiver_cannot_take_is_known_before_writing():
    dialogue = introduced("PIPELINING", "SIZE 5")
    with pytest.raises(MessageTooLarge, match="20 octets, the receiver takes 5"):
        dialogue.mail("a@example.jp", MESSAGE)
    with pytest.raises(CapabilityMissing, match="8BITMIME"):
        introduced("PIPELINING").mail("a@example.jp", "é\r\n".encode())
    with pytest.raises(CapabilityMissing, match="SMTPUTF8"):
        introduced("PIPELINING").mail("é@example.jp", MESSAGE)
    assert dialogue.is_usable


@pytest.mark.parametrize("octets", [b"250 what\r\n", b"junk\r\n"])
def test_a_broken_conversation_takes_no_more_commands(octets):
    dialogue = introduced("PIPELINING")
    with pytest.raises(RemoteError):
        dialogue.receive(octets)
    for command in (dialogue.quit, dialogue.rset, lambda: dialogue.mail("", MESSAGE)):
        with pytest.raises(LocalError):
            command()


def test_a_farewell_while_idle_is_no_fault():
    dialogue = introduced("PIPELINING")
    assert dialogue.receive(b"421 4.3.2 limit reached, bye\r\n") == []
    assert not dialogue.is_usable


@pytest.mark.parametrize(
    ("command", "reply"), [("MAIL", b"354 go\r\n"), ("DATA", b"250 ok\r\n250 ok\r\n250 ok\r\n")]
)
def test_a_reply_of_the_wrong_kind_is_their_fault(command, reply):
    dialogue = introduced("PIPELINING")
    dialogue.mail("a@example.jp", MESSAGE)
    if command == "DATA":
        dialogue.rcpt("b@example.com")
        dialogue.data()
    with pytest.raises(RemoteError):
        dialogue.receive(reply)


@pytest.mark.parametrize(
    "path",
    ["a@example.jp>\r\nRCPT TO:<x@example.jp", "a b@example.jp", "a@b@c", "", "a\0@example.jp",
     '"a"b"@example.jp', "<a@example.jp>", "a@example.jp" + "x" * 400],
)  # fmt: skip
def test_a_path_that_could_carry_commands_is_refused(path):
    dialogue = introduced("PIPELINING")
    dialogue.mail("a@example.jp", MESSAGE)
    with pytest.raises(LocalError):
        dialogue.rcpt(path)


def test_a_host_name_that_could_carry_commands_is_refused():
    dialogue = Dialogue()
    dialogue.receive(b"220 hi\r\n")
    with pytest.raises(LocalError):
        dialogue.ehlo("x\r\nQUIT")


def test_helo_serves_where_ehlo_is_unknown():
    dialogue = Dialogue()
    dialogue.receive(b"220 hi\r\n")
    dialogue.ehlo("mail.example.jp")
    dialogue.receive(b"502 what\r\n")
    assert dialogue.helo("mail.example.jp") == b"HELO mail.example.jp\r\n"
    dialogue.receive(b"250 hi\r\n")
    assert (dialogue.is_usable, dialogue.capabilities) == (True, {})
