"""People and organisations for tests. Every call makes new ones; names say who is who."""

from datetime import UTC, datetime
from itertools import count

from accounts.models import Member, Organisation, OrganisationKind, Role, SenderProfile, User

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_numbers = count(1)


def make_user(name: str = "", *, email: str = "", password: str | None = None, **fields) -> User:
    email = email or f"person{next(_numbers)}@example.jp"
    return User.objects.create_user(email, password, name=name, **fields)


def make_organisation(
    name: str = "つきのわ珈琲", *, slug: str = "", kind: str = OrganisationKind.PRACTICE
) -> Organisation:
    slug = slug or f"organisation-{next(_numbers)}"
    return Organisation.objects.create(name=name, slug=slug, kind=kind)


def make_member(
    organisation: Organisation | None = None, role: Role = Role.OWNER, **user_fields
) -> Member:
    """A member of the organisation (or of a new one) who can sign in."""
    user_fields.setdefault("password", "correct horse battery")
    return Member.objects.create(
        organisation=organisation or make_organisation(), user=make_user(**user_fields), role=role
    )


def make_sender_profile(organisation: Organisation) -> SenderProfile:
    return SenderProfile.objects.create(
        organisation=organisation,
        legal_name="株式会社つきのわ珈琲",
        postal_address="岩手県盛岡市紺屋町0-0",
        contact="hello@tsukinowa-coffee.example",
    )
