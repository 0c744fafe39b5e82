"""The two networks that mail can reach, built from the settings."""

from functools import cache

from django.conf import settings

from accounts.models import OrganisationKind
from mailer.engine.realm import Realm, practice_realm


@cache
def realm_for(kind: str) -> Realm:
    """Return the network of a live or a practice organisation. They never overlap."""
    if kind == OrganisationKind.PRACTICE:
        return practice_realm(
            dns_port=settings.SANDBOX_DNS_PORT, smtp_port=settings.SANDBOX_SMTP_PORT
        )
    return Realm("live", tuple(settings.DNS_SERVERS), smtp_port=settings.SMTP_PORT)
