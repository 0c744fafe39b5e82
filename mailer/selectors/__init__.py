"""Reads for screens and reports. Nothing here changes a row."""

from mailer.selectors.ledger import (
    deliveries_of_recipient,
    deliveries_page,
    delivery_timeline,
    failure_counts,
    state_counts,
)

__all__ = [
    "deliveries_of_recipient",
    "deliveries_page",
    "delivery_timeline",
    "failure_counts",
    "state_counts",
]
