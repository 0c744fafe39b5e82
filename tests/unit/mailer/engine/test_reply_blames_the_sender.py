"""What is said about our own address never stops a reader, however much it sounds like an unknown user."""

import pytest

from mailer.engine.replies import classify
from mailer.engine.vocabulary import Stage


@pytest.mark.parametrize(
    "text",
    [
        "sender address does not exist",
        "Callout verification failed: user unknown",
        "unknown user in return path",
        "Sender mailbox disabled",
        "the originator is not a known user",
    ],
)
@pytest.mark.parametrize("enhanced", ["", "5.1.1", "5.2.1"])
@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DOT])
def test_words_about_the_sender_never_suppress(text, enhanced, stage):
    assert not classify(550, enhanced, text, stage).may_suppress
