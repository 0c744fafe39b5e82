"""Who belongs to an organisation. One owner always remains, whatever races with what."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Member, Organisation, Role, User
from accounts.services.audit import record_act


class AlreadyMemberError(Exception):
    """The person belongs to the organisation already."""


class LastOwnerError(Exception):
    """The organisation would be left without anybody who can give roles."""


class PendingElsewhereError(Exception):
    """The person was invited by another organisation and has not signed in yet.

    Whoever made that invitation can still set the password; joining them to this organisation now
    would open it to that inviter.
    """


@dataclass(frozen=True)
class Joined:
    """`needs_password`: the person is new and comes in through a one-time link."""

    member: Member
    needs_password: bool


@transaction.atomic
def add_member(
    *, organisation: Organisation, email: str, name: str, role: Role, actor: User, now: datetime
) -> Joined:
    """Add a person by e-mail address; an unknown one gets an account without a password."""
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email=email).first()
    is_new = user is None
    if user is None:
        user = User.objects.create_user(
            email, None, name=name, language=organisation.language, created_at=now
        )
    if organisation.members.filter(user=user).exists():
        raise AlreadyMemberError(email)
    if not is_new and not user.has_usable_password() and user.memberships.exists():
        raise PendingElsewhereError(email)
    member = Member.objects.create(organisation=organisation, user=user, role=role, created_at=now)
    _record(member, actor, "member.added", role=role)
    return Joined(member, needs_password=not user.has_usable_password())


@transaction.atomic
def change_role(*, member: Member, role: Role, actor: User) -> None:
    """Give another role; raise LastOwnerError for the only owner."""
    if role == member.role:
        return
    _keep_an_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record(member, actor, "member.role_changed", role=[before, role])


@transaction.atomic
def remove_member(*, member: Member, actor: User) -> None:
    """End a membership; the person's account stays. Raise LastOwnerError for the only owner."""
    _keep_an_owner(member)
    _record(member, actor, "member.removed", role=member.role)
    member.delete()


def _keep_an_owner(member: Member) -> None:
    """Refuse if no other owner would remain. Owners are locked: two of them cannot leave at once."""
    if member.role != Role.OWNER:
        return
    owners = Member.objects.select_for_update().filter(
        organisation=member.organisation_id, role=Role.OWNER
    )
    if all(owner.pk == member.pk for owner in owners):
        raise LastOwnerError(member.user.email)


def _record(member: Member, actor: User, verb: str, **data: object) -> None:
    record_act(
        organisation=member.organisation,
        actor=actor,
        verb=verb,
        target=f"member:{member.pk}",
        data={"email": member.user.email, **data},
    )
