"""Raising notices, and noting that they were seen."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from accounts.models import Member, Notification, Organisation, User
from accounts.notices import KINDS, UnknownNoticeError
from accounts.selectors import notifications_for

KEPT: Final = timedelta(days=180)


@transaction.atomic
def notify(
    *,
    organisation: Organisation,
    kind: str,
    params: dict[str, Any],
    now: datetime,
    url: str = "",
    user: User | None = None,
) -> Notification:
    """Tell one person, or all members of the organisation; part of the caller's transaction.

    Raises UnknownNoticeError for a kind without a sentence. Notices older than half a year go.
    """
    if kind not in KINDS:
        raise UnknownNoticeError(f"{kind}: add it to accounts/notices.py")
    if url and (not url.startswith("/") or url.startswith("//")):
        raise ValueError(f"{url}: a notice leads to a path of ours")
    Notification.objects.filter(organisation=organisation, created_at__lt=now - KEPT).delete()
    return Notification.objects.create(
        organisation=organisation, user=user, kind=kind, params=params, url=url, created_at=now
    )


def mark_all_seen(*, member: Member) -> None:
    """Note the newest notice of this member as seen; never goes back."""
    newest = notifications_for(member).aggregate(newest=Max("pk"))["newest"] or 0
    Member.objects.filter(pk=member.pk, seen_notification__lt=newest).update(
        seen_notification=newest
    )
