"""Has an organisation a domain that it may send from?"""

from accounts.models import Organisation
from accounts.setup_steps import StepState
from mailer.models import DomainState


def domain_step(organisation: Organisation) -> StepState:
    names = list(
        organisation.sending_domains.filter(state=DomainState.VERIFIED)
        .order_by("name")
        .values_list("name", flat=True)
    )
    return StepState(is_done=bool(names), summary=", ".join(names))
