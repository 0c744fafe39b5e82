"""What the bounces ask of an app beside them. The implementation is registered in config/wiring."""

from datetime import datetime
from typing import Protocol


class Unsubscriber(Protocol):
    def __call__(self, *, mailing_id: int, delivery_id: int, at: datetime, route: str) -> bool:
        """Stop the mails that this delivery belongs to, in the caller's transaction. True when it was known."""
        ...


_unsubscribers: list[Unsubscriber] = []


def register_unsubscriber(unsubscriber: Unsubscriber) -> None:
    """Set the one way in which mail to an unsubscribe address takes effect."""
    _unsubscribers[:] = [unsubscriber]


def unsubscriber() -> Unsubscriber:
    return _unsubscribers[0]
