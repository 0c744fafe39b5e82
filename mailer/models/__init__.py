from mailer.models.destinations import Destination, DestinationState
from mailer.models.domains import DkimKey, DomainState, KeyState, SendingDomain
from mailer.models.ledger import Attempt, Delivery, DeliveryState, SkipReason
from mailer.models.mailings import Mailing, MailingKind, MailingState
from mailer.models.outbox import OutboxCursor, OutboxEntry, OutcomeKind
from mailer.models.slots import Node, Slot
from mailer.models.sources import LaneDay, LaneLimit, Pool, SourceIP
from mailer.models.suppressions import Suppression, SuppressionEvent, SuppressionReason

__all__ = [
    "Attempt",
    "Delivery",
    "DeliveryState",
    "Destination",
    "DestinationState",
    "DkimKey",
    "DomainState",
    "KeyState",
    "LaneDay",
    "LaneLimit",
    "Mailing",
    "MailingKind",
    "MailingState",
    "Node",
    "OutboxCursor",
    "OutboxEntry",
    "OutcomeKind",
    "Pool",
    "SendingDomain",
    "SkipReason",
    "Slot",
    "SourceIP",
    "Suppression",
    "SuppressionEvent",
    "SuppressionReason",
]
