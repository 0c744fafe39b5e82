"""A server that says how long to wait is believed, within a day; a refusal for good is not waited for."""

import pytest

from mailer.engine.replies import classify
from mailer.engine.vocabulary import Stage


@pytest.mark.parametrize(
    ("code", "text", "retry_after_s"),
    [
        (451, "Greylisted, please try again in 180 seconds", 180),
        (450, "Try again after 5 minutes", 300),
        (421, "Please wait 2 hours before you retry", 7_200),
        (450, "retry in 99999 min", 86_400),
        (450, "Greylisted, come back later", 300),  # of the rule
        (450, "something new", None),
        (550, "Rejected, do not try again in 300 seconds", None),
    ],
)
def test_wait_is_what_the_server_asks_for(code, text, retry_after_s):
    assert classify(code, "", text, Stage.RCPT).retry_after_s == retry_after_s
