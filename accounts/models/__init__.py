from accounts.models.audit import AuditEntry
from accounts.models.members import Member, Role
from accounts.models.notifications import Notification
from accounts.models.organisations import Organisation, OrganisationKind, SenderProfile
from accounts.models.users import User

__all__ = [
    "AuditEntry",
    "Member",
    "Notification",
    "Organisation",
    "OrganisationKind",
    "Role",
    "SenderProfile",
    "User",
]
