"""People: their account, their preferences, their password."""

from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, User
from accounts.services.audit import record_act


def remember_organisation(*, user: User, organisation: Organisation) -> None:
    """Note where "/" leads next time; writes only when it changes."""
    if user.last_organisation_id != organisation.pk:
        User.objects.filter(pk=user.pk).update(last_organisation=organisation)
        user.last_organisation = organisation


def update_preferences(*, user: User, **changes: str) -> None:
    """Set any of `name`, `language`, `theme`."""
    unknown = changes.keys() - {"name", "language", "theme"}
    if unknown:
        raise TypeError(f"not a preference: {', '.join(sorted(unknown))}")
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))


@transaction.atomic
def change_password(*, user: User, password: str, now: datetime) -> None:
    """Set a password that a form or a command has already validated."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record_act(
        organisation=None,
        actor=user,
        verb="user.password_changed",
        target=f"user:{user.pk}",
        data={"at": now.isoformat()},
    )


@transaction.atomic
def create_system_admin(*, email: str, password: str, name: str, language: str) -> User:
    """Create a system administrator, or make the person with this address one."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name, language=language)
    else:
        user.set_password(password)
    user.is_system_admin = True
    user.is_active = True
    user.save()
    record_act(
        organisation=None, actor=None, verb="user.made_system_admin", target=f"user:{user.pk}"
    )
    return user
