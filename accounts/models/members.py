"""Who belongs to which organisation, and in which role."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Organisation
from accounts.models.users import User


class Role(models.TextChoices):
    OWNER = "owner", _("Administrator")
    EDITOR = "editor", _("Editor")
    APPROVER = "approver", _("Approver")
    VIEWER = "viewer", _("Viewer")


class Member(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("Role"), max_length=8, choices=Role)
    created_at = models.DateTimeField(default=timezone.now)
    # The newest notification this person has seen here; those with a higher id are unread.
    seen_notification = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="member_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="member_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def is_pending(self) -> bool:
        """The person has never set a password: only a one-time link lets them in."""
        return not self.user.has_usable_password()

    @property
    def may_edit(self) -> bool:
        """Readers, campaigns, imports."""
        return self.role in {Role.OWNER, Role.EDITOR}

    @property
    def may_send(self) -> bool:
        """Start, pause and cancel a campaign."""
        return self.role in {Role.OWNER, Role.EDITOR, Role.APPROVER}

    @property
    def may_manage(self) -> bool:
        """Members, sending domains, settings."""
        return self.role == Role.OWNER
