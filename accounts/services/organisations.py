"""Organisations are born, renamed, described. Their kind never changes after birth."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Member, Organisation, Role, SenderProfile, User
from accounts.services.audit import record_act

BirthHook = Callable[[Organisation, datetime], None]
_birth_hooks: list[BirthHook] = []


class SlugTakenError(Exception):
    """Another organisation already has this short name."""


def register_birth_hook(hook: BirthHook) -> None:
    """Let an app above give every new organisation what it needs (a default list, …).

    Called by config.wiring. Hooks run in the transaction that creates the organisation.
    """
    if hook not in _birth_hooks:
        _birth_hooks.append(hook)


@transaction.atomic
def create_organisation(
    *,
    name: str,
    slug: str,
    kind: str,
    owner: User,
    now: datetime,
    actor: User | None = None,
    language: str = "ja",
    time_zone: str = "Asia/Tokyo",
) -> Organisation:
    """Create an organisation with its first owner; raise SlugTakenError for a used short name."""
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                name=name,
                slug=slug,
                kind=kind,
                language=language,
                time_zone=time_zone,
                created_at=now,
            )
    except IntegrityError as error:
        if Organisation.objects.filter(slug=slug).exists():
            raise SlugTakenError(slug) from error
        raise
    SenderProfile.objects.create(organisation=organisation)
    Member.objects.create(organisation=organisation, user=owner, role=Role.OWNER, created_at=now)
    for hook in _birth_hooks:
        hook(organisation, now)
    record_act(
        organisation=organisation,
        actor=actor,
        verb="organisation.created",
        target=f"organisation:{organisation.pk}",
        data={"name": name, "slug": slug, "kind": kind, "owner": owner.email},
    )
    return organisation


@transaction.atomic
def update_organisation(
    *, organisation: Organisation, name: str, language: str, time_zone: str, actor: User
) -> None:
    """Change name, language and time zone; the audit entry keeps what stood before."""
    wanted = {"name": name, "language": language, "time_zone": time_zone}
    changes = {
        field: [getattr(organisation, field), value]
        for field, value in wanted.items()
        if getattr(organisation, field) != value
    }
    if not changes:
        return
    for field in changes:
        setattr(organisation, field, wanted[field])
    organisation.save(update_fields=list(changes))
    record_act(
        organisation=organisation,
        actor=actor,
        verb="organisation.changed",
        target=f"organisation:{organisation.pk}",
        data=changes,
    )


@transaction.atomic
def update_sender_profile(
    *, organisation: Organisation, legal_name: str, postal_address: str, contact: str, actor: User
) -> SenderProfile:
    """Write what 特定電子メール法 §4 asks every advertising mail to show about its sender."""
    profile, _created = SenderProfile.objects.select_for_update().get_or_create(
        organisation=organisation
    )
    wanted = {"legal_name": legal_name, "postal_address": postal_address, "contact": contact}
    changes = {
        field: [getattr(profile, field), value]
        for field, value in wanted.items()
        if getattr(profile, field) != value
    }
    for field, value in wanted.items():
        setattr(profile, field, value)
    profile.save()
    if changes:
        record_act(
            organisation=organisation,
            actor=actor,
            verb="sender_profile.changed",
            target=f"organisation:{organisation.pk}",
            data=changes,
        )
    return profile
