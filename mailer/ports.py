"""What the delivery engine asks of the apps above it. Implementations are registered in config/wiring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection


@dataclass(frozen=True, slots=True)
class MailingSnapshot:
    """The facts about a mailing that its source needs for filling messages."""

    id: int
    organisation_id: int
    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class MergedRecipient:
    """What to fill into one message: the name for the To header and the merge values by field key."""

    to_name: str
    values: Mapping[str, str]


class MessageSource(Protocol):
    async def merge_data(
        self,
        connection: AsyncConnection[Any],
        mailing: MailingSnapshot,
        recipient_refs: Sequence[int],
    ) -> Mapping[int, MergedRecipient]:
        """Return what to fill in for each reference. One that is missing is skipped by the slot."""
        ...


@dataclass(frozen=True, slots=True)
class FailedOutcome:
    """A permanent failure of a delivery, as the cleaning policy sees it."""

    organisation_id: int
    mailing_id: int
    mailing_kind: str
    delivery_id: int
    recipient_ref: int
    address_key: bytes
    provider: str
    reply_class: str
    may_suppress: bool  # the classifier's word: the recipient is gone, without doubt


@dataclass(frozen=True, slots=True)
class NewSuppression:
    """A stop that the policy wants written in the outcome's own transaction."""

    outcome: FailedOutcome
    scope: str
    reason: str


class CleaningPolicy(Protocol):
    def suppressions(self, failures: Sequence[FailedOutcome]) -> Sequence[NewSuppression]:
        """Decide, without reading the database, which of these addresses are closed at once."""
        ...


_message_sources: dict[str, MessageSource] = {}
_cleaning_policies: list[CleaningPolicy] = []


def register_message_source(name: str, source: MessageSource) -> None:
    _message_sources[name] = source


def message_source(name: str) -> MessageSource:
    """Return the registered source; a KeyError means that config/wiring forgot it."""
    return _message_sources[name]


def register_cleaning_policy(policy: CleaningPolicy) -> None:
    """Set the one policy of this installation."""
    _cleaning_policies[:] = [policy]


def cleaning_policy() -> CleaningPolicy:
    return _cleaning_policies[0]
