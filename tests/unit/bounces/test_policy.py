"""Only a recipient that is gone is closed at once."""

import pytest

from bounces.policy import ReaderCleaningPolicy
from mailer.ports import FailedOutcome, NewSuppression


def failure(*, kind="campaign", reply_class="invalid-recipient", may_suppress=True):
    return FailedOutcome(3, 5, kind, 77, 9, b"k", "gmail", reply_class, may_suppress)


@pytest.mark.parametrize("reply_class", ["invalid-recipient", "inactive-mailbox", "bad-domain"])
def test_gone_recipient_is_closed_in_the_organisation(reply_class):
    gone = failure(reply_class=reply_class)
    assert ReaderCleaningPolicy().suppressions([gone]) == [
        NewSuppression(gone, "org:3", "recipient_gone")
    ]


@pytest.mark.parametrize(
    "spared",
    [
        failure(kind="test"),
        failure(may_suppress=False),
        *(
            failure(reply_class=word)
            for word in ("policy", "authentication", "reputation-block", "content", "mailbox-full")
        ),
    ],
)  # fmt: skip
def test_everything_else_leaves_the_reader_alone(spared):
    assert ReaderCleaningPolicy().suppressions([spared]) == []
