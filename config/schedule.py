"""What beat asks for, and how often. Every entry expires before the next one: a stopped worker finds no heap."""

from typing import Any


def every(seconds: int, task: str, *, queue: str = "default") -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": seconds}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "mailings and slots": every(2, "mailer.tick"),
    "partitions of the coming month": every(3600, "mailer.make_partitions"),
    "outcomes to readers": every(2, "lists.apply_outbox"),
    "due campaigns": every(2, "campaigns.start_due", queue="plan"),
    "campaigns follow their mailings": every(2, "campaigns.follow_mailings"),
    "imports without a worker": every(60, "lists.retry_imports"),
    "stored mail without a worker": every(10, "bounces.process_inbound"),
}
