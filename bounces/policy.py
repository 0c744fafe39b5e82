"""Which failures close an address at once. Everything that is not the reader's fault never does."""

from collections.abc import Sequence
from typing import Final

from mailer.engine.vocabulary import ReplyClass
from mailer.models import MailingKind, SuppressionReason
from mailer.ports import FailedOutcome, NewSuppression
from mailer.scopes import organisation_scope

# The only classes that say something about the recipient; the classifier's own word is needed as well.
RECIPIENT_CLASSES: Final = frozenset(
    {ReplyClass.INVALID_RECIPIENT, ReplyClass.INACTIVE_MAILBOX, ReplyClass.BAD_DOMAIN}
)


class ReaderCleaningPolicy:
    """The policy of campaigns: gone is gone, in the whole organisation. A test send never touches readers."""

    def suppressions(self, failures: Sequence[FailedOutcome]) -> Sequence[NewSuppression]:
        return [
            NewSuppression(
                outcome=failure,
                scope=organisation_scope(failure.organisation_id),
                reason=SuppressionReason.RECIPIENT_GONE,
            )
            for failure in failures
            if failure.may_suppress
            and failure.mailing_kind != MailingKind.TEST
            and failure.reply_class in RECIPIENT_CLASSES
        ]
