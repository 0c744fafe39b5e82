"""Has an organisation a domain that it may send from, and does it stay so?"""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.home_panels import Attention
from accounts.models import Member, Organisation
from accounts.setup_steps import StepState
from mailer.models import DomainState


def domain_step(organisation: Organisation) -> StepState:
    names = list(
        organisation.sending_domains.filter(state=DomainState.VERIFIED)
        .order_by("name")
        .values_list("name", flat=True)
    )
    return StepState(is_done=bool(names), summary=", ".join(names))


def domain_attention(member: Member, _now: datetime) -> list[Attention]:
    """Domains whose records were found missing or wrong: nothing may leave from them."""
    if not member.may_manage:
        return []
    organisation = member.organisation
    failing = organisation.sending_domains.filter(state=DomainState.FAILING).order_by("name")
    return [
        Attention(
            title=_("Records of %s are missing or wrong") % domain.name,
            text=_("Nothing can be sent from this domain until they are found again."),
            href=reverse("mailer:domain", args=[organisation.slug, domain.pk]),
            button=_("Look at the records"),
            kind="danger",
        )
        for domain in failing
    ]
