"""One-time links by which a new person sets the first password.

The token is Django's: an HMAC over password hash, last sign-in and time. It ends with the first use
and after PASSWORD_RESET_TIMEOUT. There is no mail yet: the administrator hands the link over.
"""

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import Member, User
from accounts.services.people import change_password


class NotPendingError(Exception):
    """The person has a password already, or belongs to others too: no link may be made."""


class InvalidInvitationError(Exception):
    """The link was used, is too old, or was never made by us."""


def is_pending(user: User) -> bool:
    """Say whether the person has never set a password."""
    return not user.has_usable_password() and user.is_active


def invitation_path(*, member: Member) -> str:
    """Return the path of a fresh link; raise NotPendingError where a link would be a take-over."""
    user = member.user
    if not is_pending(user) or user.is_system_admin or user.memberships.count() != 1:
        raise NotPendingError(user.email)
    key = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return reverse("invitation", kwargs={"key": key, "token": token})


def invited_user(*, key: str, token: str) -> User:
    """Return the person a link was made for; raise InvalidInvitationError."""
    try:
        user = User.objects.get(pk=int(urlsafe_base64_decode(key)))
    except (ValueError, OverflowError, User.DoesNotExist) as error:
        raise InvalidInvitationError(key) from error
    if not is_pending(user) or not default_token_generator.check_token(user, token):
        raise InvalidInvitationError(key)
    return user


@transaction.atomic
def accept_invitation(*, key: str, token: str, password: str, now: datetime) -> User:
    """Set the first password; the link is dead afterwards."""
    user = invited_user(key=key, token=token)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not is_pending(user):
        raise InvalidInvitationError(key)
    change_password(user=user, password=password, now=now)
    return user
