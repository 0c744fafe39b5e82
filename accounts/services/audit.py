"""Writing the audit log."""

from typing import Any

from accounts.models import AuditEntry, Organisation, User


def record_act(
    *,
    organisation: Organisation | None,
    actor: User | None,
    verb: str,
    target: str,
    data: dict[str, Any] | None = None,
) -> None:
    """Append one act in the caller's transaction. Never put passwords or message bodies in `data`."""
    AuditEntry.objects.create(
        organisation=organisation, actor=actor, verb=verb, target=target, data=data or {}
    )
