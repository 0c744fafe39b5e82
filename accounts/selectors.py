"""Reads for the screens of accounts. Memberships are the only way from a person to an organisation."""

from django.db.models import Q, QuerySet

from accounts.models import Member, Notification, Organisation, Role, SenderProfile, User


def memberships(user: User) -> list[Member]:
    """Return the person's memberships with their organisations, by name; one query."""
    return list(
        user.memberships.select_related("organisation").order_by("organisation__name", "pk")
    )


def members_of(organisation: Organisation) -> QuerySet[Member]:
    return organisation.members.select_related("user").order_by("created_at", "pk")


def owners_of(organisation: Organisation) -> list[User]:
    """Return those who may give roles to others."""
    owners = members_of(organisation).filter(role=Role.OWNER, user__is_active=True)
    return [member.user for member in owners]


def sender_profile_of(organisation: Organisation) -> SenderProfile:
    """Return the sender profile, an unsaved empty one where nothing has been written yet."""
    found = SenderProfile.objects.filter(organisation=organisation).first()
    return found or SenderProfile(organisation=organisation)


def organisations_by_name() -> QuerySet[Organisation]:
    """Return all organisations, for the system administrator: names only, never their data."""
    return Organisation.objects.order_by("name", "pk")


def notifications_for(member: Member) -> QuerySet[Notification]:
    """Return the notices for this member in this organisation, the newest first."""
    mine = Q(user=None) | Q(user_id=member.user_id)
    # Who comes later is not told what happened before.
    return Notification.objects.filter(
        mine, organisation_id=member.organisation_id, created_at__gte=member.created_at
    ).order_by("-pk")


def unseen_count(member: Member) -> int:
    return notifications_for(member).filter(pk__gt=member.seen_notification).count()
