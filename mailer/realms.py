"""The two networks that mail can reach, built from the settings."""

from functools import cache

from django.conf import settings

from accounts.models import OrganisationKind
from mailer.engine.realm import Realm


@cache
def realm_for(kind: str) -> Realm:
    """Return the network of a live or a practice organisation. They never overlap."""
    if kind == OrganisationKind.PRACTICE:
        return Realm(
            name=OrganisationKind.PRACTICE.value,
            nameservers=("127.0.0.1",),
            dns_port=settings.SANDBOX_DNS_PORT,
            smtp_port=settings.SANDBOX_SMTP_PORT,
            allowed_networks=("127.10.0.0/16",),
        )
    return Realm(
        name=OrganisationKind.LIVE.value,
        nameservers=tuple(settings.DNS_SERVERS),
        dns_port=53,
        smtp_port=settings.SMTP_PORT,
        allowed_networks=(),
    )
